# misconception_ko: 바닥에 닿기 전에 100걸음에서 멈춤
# misconception_en: stops after 100 steps, before the bottom
# dies_at: classifier-equals-sklearn

# %% solution="classifier"
    mean, scale = X.mean(axis=0), X.std(axis=0)
    scale = np.where(scale > 1e-12 * (1.0 + np.abs(mean)), scale, np.inf)
    S = (X - mean) / scale
    rate = 1.0 / ((S.shape[1] + 1) / 4 + l2)
    w, b = np.zeros(S.shape[1]), 0.0
    for _ in range(100):
        gw, gb = logistic_gradient(S, y, w, b, l2)
        w, b = w - rate * gw, b - rate * gb
    return lambda table: sigmoid((table - mean) / scale @ w + b)
