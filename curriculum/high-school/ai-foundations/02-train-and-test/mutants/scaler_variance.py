# misconception_ko: 제곱근을 잊음(분산)
# misconception_en: forgets the square root (variance)
# dies_at: scaler-columns, predict-units

# %% solution="fit-scaler"
    variance = X.var(axis=0)
    return X.mean(axis=0), np.where(variance == 0, 1.0, variance)
