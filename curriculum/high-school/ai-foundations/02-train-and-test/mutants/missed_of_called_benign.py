# misconception_ko: 양성이라고 답한 사람으로 나눔
# misconception_en: divides by those who were called benign
# dies_at: missed-check

# %% solution="missed"
    called = y_pred == 0
    return (y_true[called] == 1).mean() if called.any() else 0.0
