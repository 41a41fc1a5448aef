# misconception_ko: clone하지 않고 건네받은 모델을 그대로 학습시킴
# misconception_en: fits the model it was handed instead of a clone
# dies_at: cv-untouched

# %% solution="driver-cv"
    from sklearn.model_selection import GroupKFold

    scores = []
    for train, test in GroupKFold(n_folds, shuffle=True, random_state=seed).split(X, y, drivers):
        model.fit(X.iloc[train], y.iloc[train])
        scores.append(roc_auc_score(y.iloc[test], model.predict_proba(X.iloc[test])[:, 1]))
    return np.array(scores)
