# style_ko: 1로 된 열을 붙여 절편까지 한 벡터로 다루고, tanh와 ±1 정답을 쓰는 다른 대수
# style_en: a column of ones makes bias and weights one vector; different algebra with tanh and labels of ±1

# %% solution="linear-loss"
    A = np.hstack([X, np.ones((len(X), 1))])
    v = np.append(w, b)
    gram, moment = A.T @ A / len(y), A.T @ y / len(y)
    return float(0.5 * v @ gram @ v - v @ moment + 0.5 * np.dot(y, y) / len(y) + 0.5 * l2 * np.dot(w, w))

# %% solution="linear-gradient"
    A = np.hstack([X, np.ones((len(X), 1))])
    v = np.append(w, b)
    shrink = np.append(np.full(len(w), l2), 0.0)
    g = (A.T @ A @ v - A.T @ y) / len(y) + shrink * v
    return g[:-1], g[-1]

# %% solution="descend"
    v = np.append(np.array(w, dtype=float), b)
    trail = [v]
    for _ in range(steps):
        gw, gb = gradient(v[:-1], v[-1])
        v = v - rate * np.append(gw, gb)
        trail.append(v)
    return v[:-1], v[-1], np.array([loss(u[:-1], u[-1]) for u in trail])

# %% solution="sigmoid"
    from scipy.special import expit

    return expit(z)

# %% solution="logistic-loss"
    margin = (2 * y - 1) * (X @ w + b)
    return np.logaddexp(0, -margin).sum() / y.size + l2 / 2 * np.linalg.norm(w) ** 2

# %% solution="logistic-gradient"
    sign = 2 * y - 1
    half = 0.5 * (1 - np.tanh(sign * (X @ w + b) / 2))
    A = np.column_stack([X, np.ones(len(y))])
    g = -(A * (sign * half)[:, None]).mean(axis=0)
    return g[:-1] + l2 * w, g[-1]

# %% solution="classifier"
    from scipy.optimize import minimize

    centre = np.mean(X, axis=0)
    spread = np.std(X, axis=0, ddof=1)
    keep = spread > 1e-10 * np.maximum(1.0, np.abs(centre))
    Z = (X[:, keep] - centre[keep]) / spread[keep]

    def objective(v):
        gw, gb = logistic_gradient(Z, y, v[:-1], v[-1], l2)
        return logistic_loss(Z, y, v[:-1], v[-1], l2), np.append(gw, gb)

    v = minimize(objective, np.zeros(Z.shape[1] + 1), jac=True, method="L-BFGS-B", options={"gtol": 1e-7, "ftol": 1e-14}).x
    return lambda table: sigmoid((table[:, keep] - centre[keep]) / spread[keep] @ v[:-1] + v[-1])
