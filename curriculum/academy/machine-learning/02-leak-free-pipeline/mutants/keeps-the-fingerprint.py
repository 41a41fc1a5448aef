# misconception_ko: 행을 섞은 점수를 믿고 운전자의 지문(pitch, roll)을 남겨 둠
# misconception_en: trusts the score of shuffled rows and keeps the drivers' fingerprint (pitch, roll)
# dies_at: model-newcomers

# %% solution="model"
    return make_pipeline(
        ColumnTransformer([("numbers", "passthrough", driving.NUMBERS)]),
        HistGradientBoostingClassifier(max_iter=60, learning_rate=0.2, random_state=0),
    )
