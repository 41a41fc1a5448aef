# misconception_ko: 예측할 때 집의 평균을 받은 표 전체(미래 포함)에서 구함
# misconception_en: takes a home's mean from the whole table in prediction, future included
# dies_at: forecaster-future

# %% solution="forecaster"
    from sklearn.ensemble import HistGradientBoostingRegressor

    def features(rows):
        lagged = add_lags(rows, (24, 168))
        mean = rows.groupby("home")["kwh"].transform("mean")
        return np.column_stack([lagged[["lag_24", "lag_168"]], mean, rows["time"].dt.hour, rows["forecast_c"]])

    model = HistGradientBoostingRegressor(loss="absolute_error", max_iter=40, learning_rate=0.2, random_state=0)
    model.fit(features(table), table["kwh"])
    return lambda rows: model.predict(features(rows))
