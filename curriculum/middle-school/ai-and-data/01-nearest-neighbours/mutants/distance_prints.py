# misconception_ko: 돌려주지 않고 화면에 찍음
# misconception_en: Prints the distance and returns nothing
# dies_at: distance-check

# %% solution="distance"
    total = 0
    for x, y in zip(a, b):
        total = total + (x - y) ** 2
    print(math.sqrt(total))
