# misconception_ko: 씨앗을 심지 않아 부를 때마다 결과가 달라짐
# misconception_en: plants no seed, so that each call gives another result
# dies_at: split-seed, cv-seed

# %% solution="split-drivers"
    drivers = np.asarray(drivers)
    names = np.unique(drivers)
    chosen = np.random.default_rng().choice(names, max(1, round(share * len(names))), replace=False)
    inside = np.isin(drivers, chosen)
    return np.flatnonzero(~inside), np.flatnonzero(inside)

# %% solution="driver-cv"
    from sklearn.model_selection import GroupKFold

    folds = GroupKFold(n_folds, shuffle=True, random_state=int(np.random.default_rng().integers(1 << 30)))
    return cross_val_score(model, X, y, groups=drivers, cv=folds, scoring="roc_auc")
