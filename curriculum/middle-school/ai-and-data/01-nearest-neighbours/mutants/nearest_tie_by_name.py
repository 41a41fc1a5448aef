# misconception_ko: 거리가 같을 때 이름의 가나다순으로 정함
# misconception_en: Lets the alphabet decide when distances are equal
# dies_at: nearest-tie

# %% solution="nearest"
    pairs = sorted((distance(row[1], point), row) for row in data)
    return [row for gap, row in pairs[:k]]
