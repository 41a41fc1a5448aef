# misconception_ko: axis=1: 환자마다의 평균
# misconception_en: axis=1: the mean of each patient
# dies_at: scaler-columns, predict-units

# %% solution="fit-scaler"
    std = X.std(axis=1)
    width = X.shape[1]
    return np.resize(X.mean(axis=1), width), np.resize(np.where(std == 0, 1.0, std), width)
