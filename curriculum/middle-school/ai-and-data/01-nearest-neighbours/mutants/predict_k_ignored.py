# misconception_ko: k를 무시하고 언제나 가장 가까운 하나만 봄
# misconception_en: Ignores k and always asks only the closest one
# dies_at: predict-check

# %% solution="predict"
    return nearest(data, point, 1)[0][0]
