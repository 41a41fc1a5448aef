# misconception_ko: 가장 적게 나온 이름을 고름
# misconception_en: Takes the least frequent name
# dies_at: vote-check

# %% solution="vote"
    return min(labels, key=labels.count)
