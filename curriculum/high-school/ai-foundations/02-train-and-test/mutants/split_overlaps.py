# misconception_ko: 훈련과 시험을 따로 뽑아 겹침
# misconception_en: draws training and test separately, so that they overlap
# dies_at: split-parts

# %% solution="split"
    dice = np.random.default_rng(seed)
    return dice.permutation(n)[n_test:], dice.permutation(n)[:n_test]
