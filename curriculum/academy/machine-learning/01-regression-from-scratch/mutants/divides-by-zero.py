# misconception_ko: 값이 모두 같은 열의 표준편차 0으로 나눔
# misconception_en: divides by the standard deviation 0 of a column of equal values
# dies_at: classifier-constant

# %% solution="classifier"
    mean, scale = X.mean(axis=0), X.std(axis=0)
    S = (X - mean) / scale
    rate = 1.0 / ((S.shape[1] + 1) / 4 + l2)
    w, b = np.zeros(S.shape[1]), 0.0
    for _ in range(8000):
        gw, gb = logistic_gradient(S, y, w, b, l2)
        w, b = w - rate * gw, b - rate * gb
    return lambda table: sigmoid((table - mean) / scale @ w + b)
