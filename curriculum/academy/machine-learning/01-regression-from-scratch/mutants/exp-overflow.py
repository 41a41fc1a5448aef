# misconception_ko: 1 / (1 + exp(-z))를 그대로 써서 넘침
# misconception_en: writes 1 / (1 + exp(-z)) as it stands and overflows
# dies_at: sigmoid-stable

# %% solution="sigmoid"
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))
