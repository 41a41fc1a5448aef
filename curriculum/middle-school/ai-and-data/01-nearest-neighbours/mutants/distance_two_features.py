# misconception_ko: 특징이 언제나 2개라고 믿음
# misconception_en: Believes there are always exactly two features
# dies_at: distance-check

# %% solution="distance"
    return math.sqrt((a[0] - b[0]) ** 2 + (a[-1] - b[-1]) ** 2) if len(a) > 1 else abs(a[0] - b[0])
