# misconception_ko: 비기면 가나다순으로 앞선 이름이 이김
# misconception_en: In a tie the alphabetically first name wins
# dies_at: vote-tie

# %% solution="vote"
    return max(sorted(set(labels)), key=labels.count)
