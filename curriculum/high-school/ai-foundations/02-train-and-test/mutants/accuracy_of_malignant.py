# misconception_ko: 악성만 보고 셈
# misconception_en: looks at the malignant only
# dies_at: accuracy-check

# %% solution="accuracy"
    return y_pred[y_true == 1].sum() / max(1, y_true.sum())
