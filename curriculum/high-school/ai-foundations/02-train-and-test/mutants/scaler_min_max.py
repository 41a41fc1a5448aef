# misconception_ko: 표준편차 대신 최댓값 - 최솟값
# misconception_en: the range in place of the deviation
# dies_at: scaler-columns

# %% solution="fit-scaler"
    width = X.max(axis=0) - X.min(axis=0)
    return X.mean(axis=0), np.where(width == 0, 1.0, width)
