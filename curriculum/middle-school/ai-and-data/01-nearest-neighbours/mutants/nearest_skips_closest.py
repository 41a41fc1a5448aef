# misconception_ko: 가장 가까운 것을 자기 자신이라 여겨 건너뜀
# misconception_en: Skips the closest one, believing it is the point itself
# dies_at: nearest-check

# %% solution="nearest"
    return sorted(data, key=lambda row: distance(row[1], point))[1 : k + 1]
