# misconception_ko: 잔차를 정답 - 예측으로 두고 부호를 고치지 않음
# misconception_en: takes truth minus prediction as the residual and keeps the sign
# dies_at: linear-gradient-data, linear-equals-ridge

# %% solution="linear-gradient"
    residual = y - (X @ w + b)
    return X.T @ residual / len(y) + l2 * w, np.mean(residual)
