# misconception_ko: 시험 바로 앞까지 훈련에 씀 (예측하는 순간에는 아직 모름)
# misconception_en: trains right up to the test (not yet known at the moment of prediction)
# dies_at: folds-gap

# %% solution="time-folds"
    times = pd.Series(times).reset_index(drop=True)
    end = times.max().normalize() + pd.Timedelta(days=1)
    folds = []
    for k in range(n_folds, 0, -1):
        start = end - pd.Timedelta(days=k * test_days)
        test = (times >= start) & (times < start + pd.Timedelta(days=test_days))
        folds.append((np.flatnonzero(times < start), np.flatnonzero(test)))
    return folds
