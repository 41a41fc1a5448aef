# style_ko: 도구 없이 반복문과 사전으로. 교차검증, 시차, 시간 나누기, 로지스틱 회귀까지 손으로 쓰고 예측은 가중 최소제곱
# style_en: without tools, by loops and dictionaries: cross-validation, lags, folds and even logistic regression by hand; forecasts by weighted least squares

# %% solution="split-drivers"
    rows_of = {}
    for position, name in enumerate(drivers):
        rows_of.setdefault(name, []).append(position)
    names = sorted(rows_of)
    np.random.default_rng([seed, 17]).shuffle(names)
    count = max(1, int(share * len(names) + 0.5))
    test = [row for name in names[:count] for row in rows_of[name]]
    train = [row for name in names[count:] for row in rows_of[name]]
    return np.array(train), np.array(test)

# %% solution="driver-cv"
    labels, names = np.asarray(y), np.asarray(drivers)
    order = list(dict.fromkeys(names))
    np.random.default_rng(seed).shuffle(order)
    group_of = {name: k % n_folds for k, name in enumerate(order)}
    group = np.array([group_of[name] for name in names])
    scores = []
    for k in range(n_folds):
        fitted = clone(model).fit(X[group != k], labels[group != k])
        p = fitted.predict_proba(X[group == k])[:, 1]
        up, down = p[labels[group == k] == 1], p[labels[group == k] == 0]
        wins = (up[:, None] > down).mean() + 0.5 * (up[:, None] == down).mean()
        scores.append(wins)
    return np.array(scores)

# %% solution="model"
    class Careful(ClassifierMixin, BaseEstimator):
        columns = ("ax_mean", "ax_std", "ax_min", "ay_std", "ay_peak", "yaw_std", "speed")

        def expand(self, X):
            Z = np.array(X[list(self.columns)], dtype=float)
            Z = (np.where(np.isnan(Z), self.middle, Z) - self.middle) / self.spread
            pairs = [Z[:, i] * Z[:, j] for i in range(Z.shape[1]) for j in range(i + 1)]
            return np.column_stack([np.ones(len(Z)), Z, *pairs])

        def fit(self, X, y):
            Z = np.array(X[list(self.columns)], dtype=float)
            self.middle, self.spread = np.nanmedian(Z, axis=0), np.nanstd(Z, axis=0)
            self.classes_ = np.array([0, 1])
            A, y = self.expand(X), np.asarray(y)
            ridge = np.eye(A.shape[1]) * 3e-3
            v = np.zeros(A.shape[1])
            for _ in range(25):
                p = 0.5 * (1 + np.tanh(A @ v / 2))
                slope = A.T @ (p - y) / len(y) + ridge @ v
                v = v - np.linalg.solve(A.T @ (A * (p * (1 - p))[:, None]) / len(y) + ridge, slope)
            self.v = v
            return self

        def predict_proba(self, X):
            p = 0.5 * (1 + np.tanh(self.expand(X) @ self.v / 2))
            return np.column_stack([1 - p, p])

        def predict(self, X):
            return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)

    return Careful()

# %% solution="lags"
    stamps = ((table["time"] - pd.Timestamp("2000-01-01")) // pd.Timedelta(hours=1)).tolist()
    homes = table["home"].tolist()
    seen = {}
    for home, stamp, kwh in zip(homes, stamps, table["kwh"].tolist()):
        seen[home, stamp] = kwh
    new = {}
    for h in hours:
        new[f"lag_{h}"] = [seen.get((home, stamp - h), float("nan")) for home, stamp in zip(homes, stamps)]
    return table.assign(**new)

# %% solution="time-folds"
    start_of_all = pd.Timestamp("2000-01-01")
    hours = [int(value) for value in (pd.Series(times) - start_of_all) // pd.Timedelta(hours=1)]
    end = (max(hours) // 24 + 1) * 24
    folds = []
    for k in range(n_folds):
        first = end - (n_folds - k) * test_days * 24
        train, test = [], []
        for position, hour in enumerate(hours):
            if hour < first - gap_hours:
                train.append(position)
            elif first <= hour < first + test_days * 24:
                test.append(position)
        folds.append((np.array(train), np.array(test)))
    return folds

# %% solution="forecaster"
    middle = table["kwh"].median()
    lags = [24, 48, 168]

    def design(rows):
        wide = add_lags(rows, lags)[[f"lag_{h}" for h in lags]]
        wide = wide.apply(lambda column: column.fillna(wide["lag_24"])).fillna(middle).to_numpy()
        warm = np.maximum(rows["forecast_c"].to_numpy() - 24, 0)
        hour = np.eye(24)[rows["time"].dt.hour]
        return np.column_stack([wide, np.sort(wide, axis=1)[:, 1], warm, warm * wide.mean(axis=1), hour])

    A, y = design(table), table["kwh"].to_numpy()
    weight = np.ones(len(y))
    for _ in range(8):
        B = A * weight[:, None]
        v = np.linalg.solve(B.T @ A + 1e-4 * np.eye(A.shape[1]), B.T @ y)
        weight = 1 / np.maximum(np.abs(y - A @ v), 0.02)
    return lambda rows: design(rows) @ v
