# misconception_ko: seed를 받아 놓고 42를 씀
# misconception_en: is given a seed and uses 42
# dies_at: split-seed

# %% solution="split"
    order = np.random.default_rng(42).permutation(n)
    return order[n_test:], order[:n_test]
