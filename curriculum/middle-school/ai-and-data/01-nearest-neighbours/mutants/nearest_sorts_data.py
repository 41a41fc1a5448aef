# misconception_ko: 받은 자료 자체의 순서를 바꿈
# misconception_en: Sorts the data it was given, in place
# dies_at: nearest-tie

# %% solution="nearest"
    data.sort(key=lambda row: distance(row[1], point))
    return data[:k]
