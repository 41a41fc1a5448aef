# misconception_ko: 0을 피하려고 작은 수를 더함
# misconception_en: adds a small number to avoid 0
# dies_at: scaler-constant

# %% solution="fit-scaler"
    return X.mean(axis=0), X.std(axis=0) + 1e-8
