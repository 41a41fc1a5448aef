# misconception_ko: 같은 사람을 두 번 뽑을 수 있음
# misconception_en: may draw a person twice
# dies_at: split-parts

# %% solution="split"
    test = np.random.default_rng(seed).integers(0, n, n_test)
    return np.setdiff1d(np.arange(n), test), test
