# misconception_ko: 절편에도 벌점을 줌 (손실과 기울기 모두)
# misconception_en: penalises the bias as well (in the loss and in the gradient)
# dies_at: linear-loss-penalty, linear-gradient-penalty, linear-equals-ridge

# %% solution="linear-loss"
    residual = X @ w + b - y
    return 0.5 * np.mean(residual**2) + 0.5 * l2 * (np.sum(w**2) + b**2)

# %% solution="linear-gradient"
    residual = X @ w + b - y
    return X.T @ residual / len(y) + l2 * w, np.mean(residual) + l2 * b
