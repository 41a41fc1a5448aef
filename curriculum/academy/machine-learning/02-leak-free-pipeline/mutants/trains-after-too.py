# misconception_ko: 시험 구간만 빼고 그 뒤의 미래도 훈련에 씀
# misconception_en: leaves out the test only and trains on the future after it as well
# dies_at: folds-past, folds-gap

# %% solution="time-folds"
    times = pd.Series(times).reset_index(drop=True)
    end = times.max().normalize() + pd.Timedelta(days=1)
    folds = []
    for k in range(n_folds, 0, -1):
        start = end - pd.Timedelta(days=k * test_days)
        stop = start + pd.Timedelta(days=test_days)
        gap = pd.Timedelta(hours=gap_hours)
        train = (times < start - gap) | (times >= stop + gap)
        folds.append((np.flatnonzero(train), np.flatnonzero((times >= start) & (times < stop))))
    return folds
