# misconception_ko: 악성이 없으면 0으로 나눔
# misconception_en: divides by zero where nobody is malignant
# dies_at: missed-check

# %% solution="missed"
    return np.float64(((y_true == 1) & (y_pred == 0)).sum()) / (y_true == 1).sum()
