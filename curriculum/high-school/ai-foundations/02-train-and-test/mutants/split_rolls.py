# misconception_ko: 섞지 않고 seed번째부터 이어서 자름
# misconception_en: cuts a stretch that begins at the seed, without shuffling
# dies_at: split-parts

# %% solution="split"
    order = np.roll(np.arange(n), -(seed % n))
    return np.sort(order[n_test:]), np.sort(order[:n_test])
