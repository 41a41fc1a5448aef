# misconception_ko: 표 전체의 평균 하나
# misconception_en: a single mean of the whole table
# dies_at: scaler-columns, predict-units

# %% solution="fit-scaler"
    return X.mean(), X.std() if X.std() > 0 else 1.0
