# misconception_ko: 표준화하지 않고 단위가 제각각인 열에서 바로 내려감
# misconception_en: descends on columns of all sorts of units without standardising
# dies_at: classifier-equals-sklearn

# %% solution="classifier"
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(3000):
        gw, gb = logistic_gradient(X, y, w, b, l2)
        w, b = w - 1e-6 * gw, b - 1e-6 * gb
    return lambda table: sigmoid(table @ w + b)
