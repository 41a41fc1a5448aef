# misconception_ko: 확률을 1e-15에서 잘라 넘침을 막음 (확신한 오답이 싸짐)
# misconception_en: clips the probability at 1e-15 against overflow (sure mistakes become cheap)
# dies_at: logistic-loss-stable

# %% solution="logistic-loss"
    p = np.clip(sigmoid(X @ w + b), 1e-15, 1 - 1e-15)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + 0.5 * l2 * np.sum(w**2)
