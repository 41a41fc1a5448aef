# misconception_ko: 제곱하지 않고 빼기만 해서 더함
# misconception_en: Adds the differences without squaring, so they cancel
# dies_at: distance-check

# %% solution="distance"
    return sum(x - y for x, y in zip(a, b))
