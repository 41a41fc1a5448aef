# misconception_ko: 벌점을 l2·‖w‖²로 보아 기울기가 2·l2·w가 됨
# misconception_en: takes the penalty to be l2·‖w‖², so that its gradient is 2·l2·w
# dies_at: linear-loss-penalty, linear-gradient-penalty, linear-equals-ridge

# %% solution="linear-loss"
    residual = X @ w + b - y
    return 0.5 * np.mean(residual**2) + l2 * np.sum(w**2)

# %% solution="linear-gradient"
    residual = X @ w + b - y
    return X.T @ residual / len(y) + 2 * l2 * w, np.mean(residual)
