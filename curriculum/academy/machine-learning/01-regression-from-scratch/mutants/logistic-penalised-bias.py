# misconception_ko: 로지스틱에서 절편에도 벌점을 줌
# misconception_en: penalises the bias in logistic regression
# dies_at: logistic-loss-values, logistic-gradient-penalty

# %% solution="logistic-loss"
    z = X @ w + b
    return np.mean(np.logaddexp(0.0, z) - y * z) + 0.5 * l2 * (np.sum(w**2) + b**2)

# %% solution="logistic-gradient"
    error = sigmoid(X @ w + b) - y
    return X.T @ error / len(y) + l2 * w, np.mean(error) + l2 * b
