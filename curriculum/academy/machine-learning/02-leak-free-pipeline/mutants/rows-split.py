# misconception_ko: 운전자가 아니라 행을 무작위로 나눔
# misconception_en: splits rows at random, not drivers
# dies_at: split-disjoint

# %% solution="split-drivers"
    order = np.random.default_rng(seed).permutation(len(drivers))
    count = max(1, round(share * len(drivers)))
    return order[count:], order[:count]
