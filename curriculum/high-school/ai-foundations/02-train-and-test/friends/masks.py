# style_ko: 참·거짓 배열과 행렬 계산: choice로 뽑기, 거리표 한 장, 표준편차의 다른 공식
# style_en: Masks and matrices: drawing with choice, one table of distances, deviations by another formula

# %% solution="split"
    np.random.seed(seed)
    in_test = np.zeros(n, dtype=bool)
    in_test[np.random.choice(n, n_test, replace=False)] = True
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)

# %% solution="fit-scaler"
    mean = X.mean(axis=0)
    std = np.sqrt(((X - mean) ** 2).mean(axis=0))
    std[np.ptp(X, axis=0) == 0] = 1
    return mean, std

# %% solution="scale"
    new = X.astype(float).copy()
    new -= mean
    new /= std
    return new

# %% solution="predict-new"
    mean, std = fit_scaler(X_train)
    known, asked = scale(X_train, mean, std), scale(X_new, mean, std)
    table = np.linalg.norm(asked[:, None, :] - known[None, :, :], axis=2)
    votes = y_train[np.argpartition(table, k - 1, axis=1)[:, :k]].sum(axis=1)
    return (2 * votes > k).astype(int)

# %% solution="accuracy"
    return 1 - np.abs(y_true - y_pred).mean()

# %% solution="missed"
    return ((y_true == 1) & (y_pred == 0)).sum() / max(1, (y_true == 1).sum())

# %% solution="experiment"
    train, test = split(len(y), n_test, seed)
    y_pred = predict_new(X[train], y[train], X[test], k)
    return tuple(measure(y[test], y_pred) for measure in (accuracy, missed))
