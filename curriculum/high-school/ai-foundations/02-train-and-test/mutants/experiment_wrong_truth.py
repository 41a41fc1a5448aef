# misconception_ko: 시험의 답을 앞에서부터의 정답과 견줌
# misconception_en: compares the test answers with the first truths
# dies_at: experiment-score

# %% solution="experiment"
    train, test = split(len(y), n_test, seed)
    answers = predict_new(X[train], y[train], X[test], k)
    return accuracy(y[: len(test)], answers), missed(y[: len(test)], answers)
