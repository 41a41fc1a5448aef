# misconception_ko: 정렬한 순서대로 예측을 돌려주어 행과 어긋남
# misconception_en: returns predictions in sorted order, out of step with the rows
# dies_at: forecaster-rows, forecaster-later

# %% solution="forecaster"
    from sklearn.ensemble import HistGradientBoostingRegressor

    def features(rows):
        lagged = add_lags(rows.sort_values(["home", "time"]), (24, 48, 168))
        return np.column_stack([lagged[["lag_24", "lag_48", "lag_168"]], lagged["time"].dt.hour, lagged["forecast_c"]])

    model = HistGradientBoostingRegressor(loss="absolute_error", max_iter=40, learning_rate=0.2, random_state=0)
    model.fit(features(table), table.sort_values(["home", "time"])["kwh"])
    return lambda rows: model.predict(features(rows))
