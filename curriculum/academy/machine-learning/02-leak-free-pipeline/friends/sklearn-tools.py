# style_ko: scikit-learn과 pandas의 도구로: GroupShuffleSplit, StratifiedGroupKFold, 랜덤 포레스트, merge
# style_en: with the tools of scikit-learn and pandas: GroupShuffleSplit, StratifiedGroupKFold, a random forest, merge

# %% solution="split-drivers"
    from sklearn.model_selection import GroupShuffleSplit

    splitter = GroupShuffleSplit(1, test_size=share, random_state=seed)
    return next(splitter.split(np.zeros(len(drivers)), groups=np.asarray(drivers)))

# %% solution="driver-cv"
    from sklearn.model_selection import StratifiedGroupKFold

    scores = []
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    for train, test in folds.split(X, y, groups=drivers):
        fitted = clone(model).fit(X.iloc[train], y.iloc[train])
        scores.append(roc_auc_score(y.iloc[test], fitted.predict_proba(X.iloc[test])[:, 1]))
    return np.array(scores)

# %% solution="model"
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline

    keep = [name for name in driving.NUMBERS if not name.startswith(("pitch", "roll"))]
    return Pipeline([
        ("columns", ColumnTransformer([("keep", SimpleImputer(strategy="mean"), keep)])),
        ("forest", RandomForestClassifier(25, min_samples_leaf=5, max_features=0.4, max_samples=0.5, random_state=1)),
    ])

# %% solution="lags"
    result = table.copy()
    for h in hours:
        past = table[["home", "time", "kwh"]].rename(columns={"kwh": f"lag_{h}"})
        past["time"] = past["time"] + pd.Timedelta(hours=h)
        result[f"lag_{h}"] = table[["home", "time"]].merge(past, on=["home", "time"], how="left")[f"lag_{h}"].to_numpy()
    return result

# %% solution="time-folds"
    day = (pd.Series(times).dt.normalize() - pd.Timestamp("2000-01-01")).dt.days.to_numpy()
    hour = day * 24 + pd.Series(times).dt.hour.to_numpy()
    last = day.max() + 1
    starts = last - test_days * np.arange(n_folds, 0, -1)
    return [
        (np.where(hour < start * 24 - gap_hours)[0], np.where((day >= start) & (day < start + test_days))[0])
        for start in starts
    ]

# %% solution="forecaster"
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.preprocessing import FunctionTransformer

    def prepare(rows):
        lagged = add_lags(rows, (24, 168))
        return pd.DataFrame({
            "yesterday": lagged["lag_24"].to_numpy(),
            "last_week": lagged["lag_168"].to_numpy(),
            "hour": rows["time"].dt.hour.to_numpy(),
            "weekend": (rows["time"].dt.day_of_week >= 5).to_numpy(),
            "forecast": rows["forecast_c"].to_numpy(),
        })

    pipe = make_pipeline(FunctionTransformer(prepare), HistGradientBoostingRegressor(loss="absolute_error", max_iter=40, learning_rate=0.2, random_state=0))
    return pipe.fit(table, table["kwh"]).predict
