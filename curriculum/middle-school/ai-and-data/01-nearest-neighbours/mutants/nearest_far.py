# misconception_ko: 가까운 것 대신 먼 것을 고름
# misconception_en: Takes the far ones instead of the near ones
# dies_at: nearest-check, predict-check

# %% solution="nearest"
    return sorted(data, key=lambda row: distance(row[1], point), reverse=True)[:k]
