# misconception_ko: 예측할 때 새 표의 평균과 표준편차로 표준화함
# misconception_en: standardises with the mean and standard deviation of the new table when predicting
# dies_at: classifier-one-patient

# %% solution="classifier"
    def standardise(table):
        scale = table.std(axis=0)
        return (table - table.mean(axis=0)) / np.where(scale > 0, scale, 1.0)

    S = standardise(X)
    rate = 1.0 / ((S.shape[1] + 1) / 4 + l2)
    w, b = np.zeros(S.shape[1]), 0.0
    for _ in range(8000):
        gw, gb = logistic_gradient(S, y, w, b, l2)
        w, b = w - rate * gw, b - rate * gb
    return lambda table: sigmoid(standardise(table) @ w + b)
