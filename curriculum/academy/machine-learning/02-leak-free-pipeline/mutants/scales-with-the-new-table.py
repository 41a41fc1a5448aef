# misconception_ko: 예측할 때마다 새 표의 평균과 표준편차로 표준화함
# misconception_en: standardises with the new table's mean and standard deviation in every prediction
# dies_at: model-alone

# %% solution="model"
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures

    def standardise(Z):
        Z = np.asarray(Z, dtype=float)
        Z = np.where(np.isnan(Z), 15.0, Z)
        return (Z - Z.mean(axis=0)) / (Z.std(axis=0) + 1e-9)

    motion = [column for column in driving.NUMBERS if column not in ("pitch", "roll")]
    return make_pipeline(
        ColumnTransformer([("motion", FunctionTransformer(standardise), motion)]),
        PolynomialFeatures(2), LogisticRegression(C=0.3, max_iter=500),
    )
