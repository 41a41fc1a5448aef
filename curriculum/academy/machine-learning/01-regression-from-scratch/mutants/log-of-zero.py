# misconception_ko: 확률의 로그를 그대로 취해 log 0을 만남
# misconception_en: takes the logarithm of the probability as it is and meets log 0
# dies_at: logistic-loss-stable

# %% solution="logistic-loss"
    p = sigmoid(X @ w + b)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + 0.5 * l2 * np.sum(w**2)
