# misconception_ko: 표를 세지 않고 가장 가까운 이름만 봄
# misconception_en: Does not count; takes the closest name
# dies_at: vote-check

# %% solution="vote"
    return labels[0]
