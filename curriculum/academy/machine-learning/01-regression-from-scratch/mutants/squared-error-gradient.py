# misconception_ko: 로지스틱에 제곱 오차의 기울기 (p - y)·p·(1 - p)를 씀
# misconception_en: uses the gradient of the squared error, (p - y)·p·(1 - p), for logistic regression
# dies_at: logistic-gradient-data, classifier-equals-sklearn

# %% solution="logistic-gradient"
    p = sigmoid(X @ w + b)
    error = (p - y) * p * (1 - p)
    return X.T @ error / len(y) + l2 * w, np.mean(error)
