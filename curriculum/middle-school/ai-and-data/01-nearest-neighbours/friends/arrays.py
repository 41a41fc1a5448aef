# style_ko: 넘파이를 배운 친구: 배열로 한꺼번에 빼고, 순서를 지키는 argsort
# style_en: A friend who knows numpy: subtracts whole arrays, a stable argsort

# %% solution="distance"
    import numpy as np

    return np.linalg.norm(np.array(a, dtype=float) - np.array(b, dtype=float))

# %% solution="nearest"
    import numpy as np

    table = np.array([features for _, features in data], dtype=float)
    squares = ((table - np.array(point, dtype=float)) ** 2).sum(axis=1)
    return [data[i] for i in np.argsort(squares, kind="stable")[:k]]

# %% solution="vote"
    best = max(labels.count(name) for name in labels)
    return [name for name in labels if labels.count(name) == best][0]

# %% solution="accuracy"
    import numpy as np

    answers = np.array([predict(data, features, k) for _, features in questions])
    return float((answers == np.array([species for species, _ in questions])).mean())
