# misconception_ko: 훈련 배열을 제자리에서 바꿈
# misconception_en: changes the training array in place
# dies_at: predict-training

# %% solution="predict-new"
    mean, std = fit_scaler(X_train)
    X_train[:] = scale(X_train, mean, std)
    return knn(X_train, y_train, scale(X_new, mean, std), k)
