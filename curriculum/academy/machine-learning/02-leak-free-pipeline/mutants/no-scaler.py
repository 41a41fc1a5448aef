# misconception_ko: 거리에 기대는 모델을 쓰면서 표준화하지 않음
# misconception_en: uses a model that goes by distances without standardising
# dies_at: model-units

# %% solution="model"
    from sklearn.impute import SimpleImputer
    from sklearn.neighbors import KNeighborsClassifier

    motion = [column for column in driving.NUMBERS if column not in ("pitch", "roll")]
    return make_pipeline(ColumnTransformer([("motion", SimpleImputer(), motion)]), KNeighborsClassifier(25))
