# misconception_ko: 도로를 자료 전체에서 구한 위험 비율로 바꾼 뒤 교차검증함
# misconception_en: turns roads into their share of risky windows over everything, then cross-validates
# dies_at: cv-untouched

# %% solution="driver-cv"
    from sklearn.model_selection import GroupKFold

    X = X.assign(road=y.groupby(X["road"]).transform("mean"))
    folds = GroupKFold(n_folds, shuffle=True, random_state=seed)
    return cross_val_score(model, X, y, groups=drivers, cv=folds, scoring="roc_auc")
