# misconception_ko: 줄의 순서를 시간의 순서로 알고 TimeSeriesSplit을 씀
# misconception_en: takes the order of rows for the order of time and uses TimeSeriesSplit
# dies_at: folds-windows, folds-past, folds-gap

# %% solution="time-folds"
    from sklearn.model_selection import TimeSeriesSplit

    return list(TimeSeriesSplit(n_folds).split(np.zeros(len(times))))
