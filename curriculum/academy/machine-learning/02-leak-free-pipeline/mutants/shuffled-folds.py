# misconception_ko: 시간을 무시하고 행을 섞어 나눔
# misconception_en: shuffles rows without regard to time
# dies_at: folds-windows, folds-past, folds-gap

# %% solution="time-folds"
    return list(KFold(n_folds, shuffle=True, random_state=0).split(np.zeros(len(times))))
