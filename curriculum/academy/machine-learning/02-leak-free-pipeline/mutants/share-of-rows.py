# misconception_ko: 시험 행이 share만큼 찰 때까지 운전자를 뽑음 (운전자의 수가 아니라 행의 비율)
# misconception_en: draws drivers until the test holds that share of the rows, instead of that share of the drivers
# dies_at: split-share

# %% solution="split-drivers"
    drivers = np.asarray(drivers)
    order = np.random.default_rng(seed).permutation(np.unique(drivers))
    chosen = []
    while not chosen or np.isin(drivers, chosen).sum() < share * len(drivers):
        chosen.append(order[len(chosen)])
    inside = np.isin(drivers, chosen)
    return np.flatnonzero(~inside), np.flatnonzero(inside)
