# misconception_ko: 놓친 비율로 1 - 정확도를 냄
# misconception_en: gives 1 - accuracy as the share missed
# dies_at: experiment-score

# %% solution="experiment"
    train, test = split(len(y), n_test, seed)
    answers = predict_new(X[train], y[train], X[test], k)
    return accuracy(y[test], answers), 1 - accuracy(y[test], answers)
