# misconception_ko: 자로 잰 거리 대신 가로와 세로를 더함 (L1)
# misconception_en: Adds across and up instead of the straight line (L1)
# dies_at: distance-check

# %% solution="distance"
    return sum(abs(x - y) for x, y in zip(a, b))
