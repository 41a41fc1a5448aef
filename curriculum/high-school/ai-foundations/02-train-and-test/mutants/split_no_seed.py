# misconception_ko: 주사위에 seed를 심지 않음
# misconception_en: does not give the seed to the dice
# dies_at: split-seed

# %% solution="split"
    order = np.random.default_rng().permutation(n)
    return order[n_test:], order[:n_test]
