# misconception_ko: 훈련과 새 환자를 합쳐서 맞춤
# misconception_en: fits on training and new patients together
# dies_at: predict-training

# %% solution="predict-new"
    mean, std = fit_scaler(np.vstack([X_train, X_new]))
    return knn(scale(X_train, mean, std), y_train, scale(X_new, mean, std), k)
