# misconception_ko: 첫 번째 특징만 봄
# misconception_en: Looks at the first feature only
# dies_at: distance-check, nearest-check, predict-check

# %% solution="distance"
    return abs(a[0] - b[0])
