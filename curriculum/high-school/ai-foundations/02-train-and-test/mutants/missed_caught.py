# misconception_ko: 놓친 비율이 아니라 찾은 비율
# misconception_en: the share found, not the share missed
# dies_at: missed-check

# %% solution="missed"
    malignant = y_true == 1
    return (y_pred[malignant] == 1).mean() if malignant.any() else 0.0
