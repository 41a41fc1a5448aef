# misconception_ko: 교차검증 전에 빈 속도를 전체 평균으로 채움
# misconception_en: fills missing speeds with the mean of everything before cross-validation
# dies_at: cv-untouched

# %% solution="driver-cv"
    from sklearn.model_selection import GroupKFold

    X = X.assign(speed=X["speed"].fillna(X["speed"].mean()))
    folds = GroupKFold(n_folds, shuffle=True, random_state=seed)
    return cross_val_score(model, X, y, groups=drivers, cv=folds, scoring="roc_auc")
