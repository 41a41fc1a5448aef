# misconception_ko: 어제 같은 시각을 그대로 되풀이함
# misconception_en: merely repeats the same hour of yesterday
# dies_at: forecaster-later

# %% solution="forecaster"
    middle = table["kwh"].median()
    return lambda rows: add_lags(rows, (24,))["lag_24"].fillna(middle).to_numpy()
