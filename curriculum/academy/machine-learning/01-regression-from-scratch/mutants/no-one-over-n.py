# misconception_ko: 1/n으로 나누지 않고 합을 씀 (손실도 기울기도, 그래서 자기들끼리는 맞음)
# misconception_en: sums instead of averaging (loss and gradient alike, so they agree with each other)
# dies_at: linear-loss-data, linear-gradient-data, linear-equals-ridge

# %% solution="linear-loss"
    residual = X @ w + b - y
    return 0.5 * np.sum(residual**2) + 0.5 * l2 * np.sum(w**2)

# %% solution="linear-gradient"
    residual = X @ w + b - y
    return X.T @ residual + l2 * w, np.sum(residual)
