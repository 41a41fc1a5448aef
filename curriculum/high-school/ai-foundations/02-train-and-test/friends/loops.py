# style_ko: 반복문과 목록으로 하나씩: random 모듈, 손으로 센 합
# style_en: Loops and lists, one by one: the random module, sums counted by hand

# %% solution="guess"
my_guess = 62.5

# %% solution="split"
    import random

    chance = random.Random(seed)
    waiting = list(range(n))
    chosen = []
    while len(chosen) < n_test:
        chosen.append(waiting.pop(chance.randrange(len(waiting))))
    return np.array(waiting), np.array(chosen)

# %% solution="fit-scaler"
    n, width = X.shape
    means, deviations = [], []
    for column in range(width):
        values = [X[row, column] for row in range(n)]
        mean = sum(values) / n
        squares = sum((value - mean) ** 2 for value in values)
        deviation = (squares / n) ** 0.5
        means.append(mean)
        deviations.append(deviation if deviation > 0 else 1)
    return np.array(means), np.array(deviations)

# %% solution="scale"
    new = np.zeros(X.shape)
    for row in range(X.shape[0]):
        for column in range(X.shape[1]):
            new[row, column] = (X[row, column] - mean[column]) / std[column]
    return new

# %% solution="predict-new"
    mean, std = fit_scaler(X_train)
    known = scale(X_train, mean, std)
    answers = []
    for patient in X_new:
        one = scale(np.array([patient]), mean, std)
        answers.append(knn(known, y_train, one, k)[0])
    return np.array(answers)

# %% solution="accuracy"
    right = 0
    for truth, answer in zip(y_true, y_pred):
        if truth == answer:
            right += 1
    return right / len(y_true)

# %% solution="missed"
    malignant = lost = 0
    for truth, answer in zip(y_true, y_pred):
        if truth == 1:
            malignant += 1
            if answer == 0:
                lost += 1
    if malignant == 0:
        return 0
    return lost / malignant

# %% solution="experiment"
    train, test = split(len(y), n_test, seed)
    X_train = np.array([X[i] for i in train])
    y_train = np.array([y[i] for i in train])
    X_test = np.array([X[i] for i in test])
    y_test = np.array([y[i] for i in test])
    answers = predict_new(X_train, y_train, X_test, k)
    return [accuracy(y_test, answers), missed(y_test, answers)]
