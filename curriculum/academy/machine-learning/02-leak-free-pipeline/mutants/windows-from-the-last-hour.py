# misconception_ko: 시험을 달력의 하루가 아니라 마지막 시각에서 거꾸로 셈
# misconception_en: counts tests back from the last hour instead of by calendar days
# dies_at: folds-windows

# %% solution="time-folds"
    times = pd.Series(times).reset_index(drop=True)
    folds = []
    for k in range(n_folds, 0, -1):
        start = times.max() - pd.Timedelta(days=k * test_days)
        train = times < start - pd.Timedelta(hours=gap_hours)
        test = (times >= start) & (times < start + pd.Timedelta(days=test_days))
        folds.append((np.flatnonzero(train), np.flatnonzero(test)))
    return folds
