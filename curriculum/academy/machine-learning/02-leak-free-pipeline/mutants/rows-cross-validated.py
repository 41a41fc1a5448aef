# misconception_ko: 교차검증에서 행을 섞어 같은 운전자가 훈련과 시험에 함께 있음
# misconception_en: shuffles rows in cross-validation, so that a driver is in training and in the test
# dies_at: cv-drivers, cv-honest

# %% solution="driver-cv"
    folds = KFold(n_folds, shuffle=True, random_state=seed)
    return cross_val_score(model, X, y, cv=folds, scoring="roc_auc")
