# misconception_ko: k를 쓰지 않고 언제나 3마리를 고름
# misconception_en: Ignores k and always takes three
# dies_at: nearest-check

# %% solution="nearest"
    return sorted(data, key=lambda row: distance(row[1], point))[:3]
