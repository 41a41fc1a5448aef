# misconception_ko: 벌점까지 n으로 나눔
# misconception_en: divides the penalty by n, too
# dies_at: linear-loss-penalty, linear-gradient-penalty, linear-equals-ridge

# %% solution="linear-loss"
    residual = X @ w + b - y
    return (np.sum(residual**2) + l2 * np.sum(w**2)) / (2 * len(y))

# %% solution="linear-gradient"
    residual = X @ w + b - y
    return (X.T @ residual + l2 * w) / len(y), np.mean(residual)
