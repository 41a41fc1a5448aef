# misconception_ko: 비율이 아니라 맞힌 개수를 돌려줌
# misconception_en: Returns the number of right answers, not the share
# dies_at: accuracy-check

# %% solution="accuracy"
    return sum(predict(data, features, k) == species for species, features in questions)
