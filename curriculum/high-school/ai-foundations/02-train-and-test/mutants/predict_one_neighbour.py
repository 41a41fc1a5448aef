# misconception_ko: k를 쓰지 않음
# misconception_en: ignores k
# dies_at: predict-training

# %% solution="predict-new"
    mean, std = fit_scaler(X_train)
    return knn(scale(X_train, mean, std), y_train, scale(X_new, mean, std), 1)
