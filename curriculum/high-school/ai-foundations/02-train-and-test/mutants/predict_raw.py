# misconception_ko: 표준화하지 않음
# misconception_en: does not standardise
# dies_at: predict-units

# %% solution="predict-new"
    return knn(X_train, y_train, X_new, k)
