# misconception_ko: 훈련과 새 환자를 따로 맞춤
# misconception_en: fits training and new patients each by itself
# dies_at: predict-training

# %% solution="predict-new"
    return knn(scale(X_train, *fit_scaler(X_train)), y_train, scale(X_new, *fit_scaler(X_new)), k)
