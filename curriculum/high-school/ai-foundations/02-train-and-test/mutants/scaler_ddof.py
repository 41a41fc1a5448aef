# misconception_ko: n - 1로 나눔
# misconception_en: divides by n - 1
# dies_at: scaler-columns

# %% solution="fit-scaler"
    std = np.sqrt(((X - X.mean(axis=0)) ** 2).sum(axis=0) / max(1, len(X) - 1))
    return X.mean(axis=0), np.where(std == 0, 1.0, std)
