# misconception_ko: 하루 전에는 알 수 없는 한 시간 전의 사용량을 씀
# misconception_en: uses consumption one hour before, which nobody knows a day ahead
# dies_at: forecaster-future

# %% solution="forecaster"
    from sklearn.ensemble import HistGradientBoostingRegressor

    def features(rows):
        lagged = add_lags(rows, (1, 24, 168))
        return np.column_stack([lagged[["lag_1", "lag_24", "lag_168"]], rows["time"].dt.hour, rows["forecast_c"]])

    model = HistGradientBoostingRegressor(loss="absolute_error", max_iter=40, learning_rate=0.2, random_state=0)
    model.fit(features(table), table["kwh"])
    return lambda rows: model.predict(features(rows))
