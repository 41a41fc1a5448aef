# misconception_ko: 배운 자료로 시험함
# misconception_en: Tests on the data it learned from
# dies_at: accuracy-check

# %% solution="accuracy"
    return sum(predict(data, features, k) == species for species, features in data) / len(data)
