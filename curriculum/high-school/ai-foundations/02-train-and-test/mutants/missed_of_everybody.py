# misconception_ko: 모든 사람으로 나눔
# misconception_en: divides by everybody
# dies_at: missed-check

# %% solution="missed"
    return ((y_true == 1) & (y_pred == 0)).mean()
