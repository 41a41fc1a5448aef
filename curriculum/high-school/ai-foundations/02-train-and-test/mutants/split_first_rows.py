# misconception_ko: 섞지 않고 뒤에서 자름
# misconception_en: cuts off the last rows without shuffling
# dies_at: split-parts, split-seed

# %% solution="split"
    return np.arange(n - n_test), np.arange(n - n_test, n)
