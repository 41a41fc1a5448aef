# misconception_ko: 괜히 걱정시킨 사람을 셈
# misconception_en: counts those who were worried for nothing
# dies_at: missed-check

# %% solution="missed"
    benign = y_true == 0
    return (y_pred[benign] == 1).mean() if benign.any() else 0.0
