# misconception_ko: 건네받은 seed를 쓰지 않고 늘 같은 수를 씀
# misconception_en: ignores the seed it was given and always uses the same number
# dies_at: split-seed, cv-seed

# %% solution="split-drivers"
    drivers = np.asarray(drivers)
    names = np.unique(drivers)
    chosen = np.random.default_rng(42).choice(names, max(1, round(share * len(names))), replace=False)
    inside = np.isin(drivers, chosen)
    return np.flatnonzero(~inside), np.flatnonzero(inside)

# %% solution="driver-cv"
    from sklearn.model_selection import GroupKFold

    folds = GroupKFold(n_folds)
    return cross_val_score(model, X, y, groups=drivers, cv=folds, scoring="roc_auc")
