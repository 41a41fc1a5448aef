# misconception_ko: np.where가 고른 식만 계산한다고 믿음
# misconception_en: believes that np.where computes only the expression it picks
# dies_at: sigmoid-stable

# %% solution="sigmoid"
    z = np.asarray(z, dtype=float)
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
