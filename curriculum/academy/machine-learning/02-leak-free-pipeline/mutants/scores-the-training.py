# misconception_ko: 전체로 학습한 모델 하나로 무리마다 점수를 잼
# misconception_en: scores each group with one model fitted on everything
# dies_at: cv-drivers, cv-honest

# %% solution="driver-cv"
    from sklearn.model_selection import GroupKFold

    scores = []
    for _, test in GroupKFold(n_folds, shuffle=True, random_state=seed).split(X, y, drivers):
        fitted = clone(model).fit(X, y)
        scores.append(roc_auc_score(y.iloc[test], fitted.predict_proba(X.iloc[test])[:, 1]))
    return np.array(scores)
