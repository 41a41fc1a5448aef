# misconception_ko: 제곱근을 잊음
# misconception_en: Forgets the square root
# dies_at: distance-check

# %% solution="distance"
    return sum((x - y) ** 2 for x, y in zip(a, b))
