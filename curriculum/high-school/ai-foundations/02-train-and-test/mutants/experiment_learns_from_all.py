# misconception_ko: 모두로 배우고 시험에서 잼
# misconception_en: learns from everybody, measures on the test
# dies_at: experiment-coin, experiment-score

# %% solution="experiment"
    train, test = split(len(y), n_test, seed)
    answers = predict_new(X, y, X[test], k)
    return accuracy(y[test], answers), missed(y[test], answers)
