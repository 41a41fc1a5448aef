# misconception_ko: 이웃이 아니라 자료 전체가 투표함
# misconception_en: Lets the whole data vote instead of the neighbours
# dies_at: predict-check

# %% solution="predict"
    return vote([species for species, features in data])
