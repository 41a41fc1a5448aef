# misconception_ko: 건네받은 평균 대신 X에서 다시 구함
# misconception_en: computes the mean from X again
# dies_at: scale-check, predict-training

# %% solution="scale"
    mean, std = fit_scaler(X)
    return (X - mean) / std
