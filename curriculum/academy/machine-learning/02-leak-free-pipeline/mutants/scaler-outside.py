# misconception_ko: 교차검증 전에 자료 전체로 빈칸을 채우고 표준화함
# misconception_en: fills gaps and standardises on everything before cross-validation
# dies_at: cv-untouched

# %% solution="driver-cv"
    from sklearn.model_selection import GroupKFold

    X = X.copy()
    X[driving.NUMBERS] = X[driving.NUMBERS].fillna(X[driving.NUMBERS].mean())
    X[driving.NUMBERS] = (X[driving.NUMBERS] - X[driving.NUMBERS].mean()) / X[driving.NUMBERS].std()
    folds = GroupKFold(n_folds, shuffle=True, random_state=seed)
    return cross_val_score(model, X, y, groups=drivers, cv=folds, scoring="roc_auc")
