# style_ko: 행과 열을 하나씩 도는 순수 파이썬 반복문. 판별기는 행마다 더해 가는 뉴턴 방법
# style_en: plain Python loops over rows and columns; the classifier is Newton's method, summed row by row

# %% solution="linear-loss"
    total = 0.0
    for row, target in zip(X, y):
        prediction = b
        for value, weight in zip(row, w):
            prediction = prediction + value * weight
        total = total + (prediction - target) ** 2
    penalty = 0.0
    for weight in w:
        penalty = penalty + weight * weight
    return total / (2 * len(y)) + l2 / 2 * penalty

# %% solution="linear-gradient"
    gw = [l2 * weight for weight in w]
    gb = 0.0
    for row, target in zip(X, y):
        error = b - target
        for value, weight in zip(row, w):
            error = error + value * weight
        for j in range(len(w)):
            gw[j] = gw[j] + error * row[j] / len(y)
        gb = gb + error / len(y)
    return np.array(gw), gb

# %% solution="descend"
    place = [float(weight) for weight in w]
    losses = []
    step = 0
    while True:
        losses.append(loss(np.array(place), b))
        if step == steps:
            return np.array(place), b, losses
        gw, gb = gradient(np.array(place), b)
        for j in range(len(place)):
            place[j] -= rate * gw[j]
        b -= rate * gb
        step += 1

# %% solution="sigmoid"
    import math

    def one(score):
        if score >= 0:
            return 1 / (1 + math.exp(-score))
        return math.exp(score) / (1 + math.exp(score))

    if np.ndim(z) == 0:
        return one(float(z))
    flat = [one(float(score)) for score in np.ravel(z)]
    return np.array(flat).reshape(np.shape(z))

# %% solution="logistic-loss"
    import math

    total = 0.0
    for row, target in zip(X, y):
        score = b + sum(value * weight for value, weight in zip(row, w))
        if score > 0:
            total += score + math.log1p(math.exp(-score)) - target * score
        else:
            total += math.log1p(math.exp(score)) - target * score
    return total / len(y) + l2 / 2 * sum(weight * weight for weight in w)

# %% solution="logistic-gradient"
    gw, gb = np.zeros(len(w)), 0.0
    for row, target in zip(X, y):
        error = float(sigmoid(b + sum(value * weight for value, weight in zip(row, w)))) - target
        for j in range(len(w)):
            gw[j] += error * row[j]
        gb += error
    for j in range(len(w)):
        gw[j] = gw[j] / len(y) + l2 * w[j]
    return gw, gb / len(y)

# %% solution="classifier"
    n, d = X.shape
    means, spreads = [], []
    for j in range(d):
        column = [float(v) for v in X[:, j]]
        mean = sum(column) / n
        spread = (sum((v - mean) ** 2 for v in column) / n) ** 0.5
        means.append(mean)
        spreads.append(spread if spread > 1e-9 * max(1.0, abs(mean)) else 0.0)

    def standardise(row):
        return np.array([1.0] + [(row[j] - means[j]) / spreads[j] if spreads[j] else 0.0 for j in range(d)])

    rows = [standardise(row) for row in X]
    v = np.zeros(d + 1)
    ridge = np.diag([0.0] + [l2] * d)
    for _ in range(12):
        slope, curve = ridge @ v, ridge.copy()
        for row, target in zip(rows, y):
            p = float(sigmoid(float(row @ v)))
            slope = slope + (p - target) * row / n
            curve = curve + p * (1 - p) * np.outer(row, row) / n
        v = v - np.linalg.lstsq(curve, slope, rcond=None)[0]

    def predict(table):
        return np.array([float(sigmoid(float(standardise(row) @ v))) for row in table])

    return predict
