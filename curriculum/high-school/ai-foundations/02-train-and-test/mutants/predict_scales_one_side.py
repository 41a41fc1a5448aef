# misconception_ko: 훈련만 표준화함
# misconception_en: standardises training only
# dies_at: predict-training, predict-units

# %% solution="predict-new"
    return knn(scale(X_train, *fit_scaler(X_train)), y_train, X_new, k)
