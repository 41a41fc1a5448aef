# misconception_ko: 받은 data 대신 연습용 자료를 봄
# misconception_en: Looks at the practice data instead of the data it was given
# dies_at: predict-check

# %% solution="predict"
    return vote([species for species, features in nearest(practice, point, min(k, len(practice)))])
