# style_ko: 도구 상자로 쓰기: scikit-learn의 나누기, 표준화, 이웃, 재현율
# style_en: The tool box: scikit-learn's splitting, scaling, neighbours and recall

# %% solution="split"
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(np.arange(n), test_size=n_test, random_state=seed)
    return train, test

# %% solution="fit-scaler"
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(X)
    return scaler.mean_, scaler.scale_

# %% solution="scale"
    return np.divide(np.subtract(X, mean), std)

# %% solution="predict-new"
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), KNeighborsClassifier(k))
    return model.fit(X_train, y_train).predict(X_new)

# %% solution="accuracy"
    from sklearn.metrics import accuracy_score

    return accuracy_score(y_true, y_pred)

# %% solution="missed"
    from sklearn.metrics import recall_score

    return 1 - recall_score(y_true, y_pred, zero_division=1)
