# style_ko: 시차는 집 × 시각의 격자를 밀어서, 예측기는 집마다 그 시각의 최근 기록을 평균하는 클래스로
# style_en: lags by moving a grid of homes and hours; the forecaster is a class that averages each home's recent record at that hour

# %% solution="split-drivers"
    codes, names = pd.factorize(np.asarray(drivers))
    order = np.random.RandomState(seed).permutation(len(names))
    rank = np.argsort(order)[codes]
    count = max(1, round(share * len(names)))
    return np.nonzero(rank >= count)[0], np.nonzero(rank < count)[0]

# %% solution="driver-cv"
    from sklearn.model_selection import cross_val_predict, PredefinedSplit

    codes, names = pd.factorize(drivers)
    place = np.random.RandomState(seed).permutation(len(names)) * n_folds // len(names)
    fold = place[codes]
    p = cross_val_predict(model, X, y, cv=PredefinedSplit(fold), method="predict_proba")[:, 1]
    return np.array([roc_auc_score(np.asarray(y)[fold == k], p[fold == k]) for k in range(n_folds)])

# %% solution="model"
    return make_pipeline(
        ColumnTransformer([("motion", "passthrough", ["ax_std", "ax_min", "ax_mean", "ay_std", "ay_peak", "yaw_std"])]),
        HistGradientBoostingClassifier(max_iter=50, learning_rate=0.1, max_leaf_nodes=10, min_samples_leaf=30, random_state=3),
    )

# %% solution="lags"
    grid = table.pivot(index="time", columns="home", values="kwh")
    columns = {}
    for h in hours:
        moved = grid.copy()
        moved.index = moved.index + pd.Timedelta(hours=h)
        long = moved.stack().rename("value")
        columns[f"lag_{h}"] = table[["time", "home"]].join(long, on=["time", "home"])["value"]
    return table.assign(**columns)

# %% solution="time-folds"
    stamps = np.asarray(pd.Series(times), dtype="datetime64[ns]")
    days = stamps.astype("datetime64[D]")
    end = days.max() + np.timedelta64(1, "D")
    found, stop = [], end
    while len(found) < n_folds:
        start = stop - np.timedelta64(test_days, "D")
        early = stamps < start.astype("datetime64[ns]") - np.timedelta64(gap_hours, "h")
        found.insert(0, (early.nonzero()[0], ((days >= start) & (days < stop)).nonzero()[0]))
        stop = start
    return found

# %% solution="forecaster"
    class Recent:
        lags = tuple(24 * k for k in range(1, 9)) + (336,)

        def past(self, rows):
            return add_lags(rows, self.lags)[[f"lag_{h}" for h in self.lags]].to_numpy()

        def summary(self, rows):
            past = self.past(rows)
            warm = np.maximum(rows["forecast_c"].to_numpy() - 25.0, 0.0)
            some = np.isfinite(past).any(axis=1)
            middle, mean = np.full(len(rows), self.usual), np.full(len(rows), self.usual)
            middle[some], mean[some] = np.nanmedian(past[some], axis=1), np.nanmean(past[some], axis=1)
            week = np.where(np.isfinite(past[:, 6]), past[:, 6], middle)
            day = np.where(np.isfinite(past[:, 0]), past[:, 0], middle)
            return np.column_stack([middle, mean, week, day, warm, warm * mean, rows["time"].dt.hour])

        def fit(self, rows):
            from sklearn.ensemble import HistGradientBoostingRegressor

            self.usual = rows["kwh"].median()
            self.model = HistGradientBoostingRegressor(loss="absolute_error", max_iter=40, learning_rate=0.15, max_leaf_nodes=15, random_state=0)
            self.model.fit(self.summary(rows), rows["kwh"])
            return self

        def __call__(self, rows):
            return self.model.predict(self.summary(rows))

    return Recent().fit(table)
