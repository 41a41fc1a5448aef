# misconception_ko: 나누기 전에 모두로 표준화하고 나눌 때마다 다른 씨앗을 씀
# misconception_en: standardises everything first, and splits by another seed
# dies_at: experiment-score

# %% solution="experiment"
    X = scale(X, *fit_scaler(X))
    train, test = split(len(y), n_test, seed + 1)
    answers = predict_new(X[train], y[train], X[test], k)
    return accuracy(y[test], answers), missed(y[test], answers)
