# misconception_ko: 퍼센트로 바꿈
# misconception_en: turns it into percent
# dies_at: accuracy-check, experiment-score

# %% solution="accuracy"
    return 100 * (y_true == y_pred).mean()
