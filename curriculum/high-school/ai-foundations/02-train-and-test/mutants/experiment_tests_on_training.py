# misconception_ko: 훈련 환자에서 점수를 잼
# misconception_en: measures on the training patients
# dies_at: experiment-coin, experiment-score

# %% solution="experiment"
    train, test = split(len(y), n_test, seed)
    answers = predict_new(X[train], y[train], X[train], k)
    return accuracy(y[train], answers), missed(y[train], answers)
