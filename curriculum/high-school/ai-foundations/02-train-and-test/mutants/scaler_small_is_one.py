# misconception_ko: 작은 표준편차를 모두 1로 바꿈
# misconception_en: turns every small deviation into 1
# dies_at: scaler-constant

# %% solution="fit-scaler"
    std = X.std(axis=0)
    return X.mean(axis=0), np.where(std < 0.01, 1.0, std)
