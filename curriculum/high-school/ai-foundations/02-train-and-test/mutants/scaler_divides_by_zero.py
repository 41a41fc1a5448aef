# misconception_ko: 같은 값뿐인 열의 표준편차를 0으로 둠
# misconception_en: leaves the deviation of a constant column at 0
# dies_at: scaler-constant, predict-units

# %% solution="fit-scaler"
    return X.mean(axis=0), X.std(axis=0)
