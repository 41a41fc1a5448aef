# style_ko: 표준 라이브러리로 쓰기: hypot, heapq, Counter, mean
# style_en: The standard library: hypot, heapq, Counter, mean

# %% solution="distance"
    return math.hypot(*(x - y for x, y in zip(a, b)))

# %% solution="nearest"
    from heapq import nsmallest

    return nsmallest(k, data, key=lambda row: distance(row[1], point))

# %% solution="vote"
    from collections import Counter

    return Counter(labels).most_common(1)[0][0]

# %% solution="predict"
    species, _ = zip(*nearest(data, point, k))
    return vote(list(species))

# %% solution="accuracy"
    from statistics import mean

    return mean(1 if predict(data, features, k) == species else 0 for species, features in questions)
