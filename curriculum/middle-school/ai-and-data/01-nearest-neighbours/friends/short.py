# style_ko: 한 줄로 쓰기: math.dist, 익명 함수, max
# style_en: One-liners: math.dist, lambda, max

# %% solution="guess"
my_guess = "Adelie"

# %% solution="distance"
    return math.dist(a, b)

# %% solution="nearest"
    return sorted(data, key=lambda row: math.dist(row[1], point))[:k]

# %% solution="vote"
    return max(labels, key=labels.count)

# %% solution="predict"
    return vote([species for species, _ in nearest(data, point, k)])

# %% solution="accuracy"
    return sum(predict(data, features, k) == species for species, features in questions) / len(questions)
