# misconception_ko: 과거가 없는 시각에 NaN을 예측함
# misconception_en: predicts NaN where there is no past
# dies_at: forecaster-rows

# %% solution="forecaster"
    weight = 0.5
    return lambda rows: (lambda past: (weight * past["lag_24"] + (1 - weight) * past["lag_168"]).to_numpy())(add_lags(rows, (24, 168)))
