# style_ko: scikit-learn을 닮은 클래스(fit, predict_proba) 안에서 뉴턴 방법을 쓰고, 밖에는 메서드를 돌려줌
# style_en: a class in scikit-learn's manner (fit, predict_proba) with Newton's method inside; hands out its method

# %% solution="linear-loss"
    r = np.dot(X, w) + b - y
    return (np.dot(r, r) / r.size + l2 * np.dot(w, w)) / 2

# %% solution="linear-gradient"
    r = np.dot(X, w) + b - y
    return np.einsum("ij,i->j", X, r) / r.size + l2 * np.asarray(w), r.mean()

# %% solution="descend"
    class Walker:
        def __init__(self, w, b):
            self.w, self.b = np.copy(w).astype(float), float(b)
            self.history = [loss(self.w, self.b)]

        def step(self):
            gw, gb = gradient(self.w, self.b)
            self.w, self.b = self.w - np.multiply(rate, gw), self.b - rate * gb
            self.history.append(loss(self.w, self.b))

    walker = Walker(w, b)
    for _ in range(steps):
        walker.step()
    return walker.w, walker.b, walker.history

# %% solution="sigmoid"
    z = np.asarray(z, dtype=float)
    result = np.empty_like(z)
    up = z >= 0
    result[up] = 1 / (1 + np.exp(-z[up]))
    grown = np.exp(z[~up])
    result[~up] = grown / (1 + grown)
    return result

# %% solution="logistic-loss"
    z = np.dot(X, w) + b
    rows = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z
    return np.average(rows) + np.sum(np.square(w)) * l2 / 2

# %% solution="logistic-gradient"
    p = sigmoid(np.dot(X, w) + b)
    gw = np.array([np.mean((p - y) * column) for column in X.T]) + l2 * w
    return gw, float((p - y).mean())

# %% solution="classifier"
    class Logistic:
        def __init__(self, l2, steps=15):
            self.l2, self.steps = l2, steps

        def prepare(self, table):
            return np.column_stack([np.ones(len(table)), (table - self.mean) * self.inverse])

        def fit(self, table, labels):
            self.mean = table.mean(axis=0)
            deviation = np.sqrt(((table - self.mean) ** 2).mean(axis=0))
            alive = table.max(axis=0) > table.min(axis=0)
            self.inverse = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=alive)
            A = self.prepare(table)
            ridge = self.l2 * np.eye(A.shape[1])
            ridge[0, 0] = 0.0
            self.v = np.zeros(A.shape[1])
            for _ in range(self.steps):
                p = sigmoid(A @ self.v)
                hessian = A.T @ (A * (p * (1 - p))[:, None]) / len(labels) + ridge
                slope = A.T @ (p - labels) / len(labels) + ridge @ self.v
                self.v = self.v - np.linalg.solve(hessian, slope)
            return self

        def predict_proba(self, table):
            return sigmoid(self.prepare(table) @ self.v)

    return Logistic(l2).fit(X, y).predict_proba
