# misconception_ko: (시험, 훈련)의 순서로 돌려줌
# misconception_en: returns (test, training)
# dies_at: split-parts

# %% solution="split"
    order = np.random.default_rng(seed).permutation(n)
    return order[:n_test], order[n_test:]
