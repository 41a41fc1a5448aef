# misconception_ko: 로지스틱의 기울기를 y - p로 씀
# misconception_en: writes y - p in the gradient of logistic regression
# dies_at: logistic-gradient-data

# %% solution="logistic-gradient"
    error = y - sigmoid(X @ w + b)
    return X.T @ error / len(y) + l2 * w, np.mean(error)
