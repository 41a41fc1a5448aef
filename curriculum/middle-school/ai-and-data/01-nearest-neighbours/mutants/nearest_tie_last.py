# misconception_ko: 거리가 같을 때 뒤에 있던 것을 먼저 둠
# misconception_en: Puts the later row first when distances are equal
# dies_at: nearest-tie

# %% solution="nearest"
    return sorted(data[::-1], key=lambda row: distance(row[1], point))[:k]
