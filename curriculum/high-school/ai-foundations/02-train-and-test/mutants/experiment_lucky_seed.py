# misconception_ko: 씨앗을 바꾸어 가며 가장 좋은 점수를 보고함
# misconception_en: tries seeds and reports the best score
# dies_at: experiment-score

# %% solution="experiment"
    scores = []
    for other in range(seed, seed + 5):
        train, test = split(len(y), n_test, other)
        answers = predict_new(X[train], y[train], X[test], k)
        scores.append((accuracy(y[test], answers), missed(y[test], answers)))
    return max(scores)
