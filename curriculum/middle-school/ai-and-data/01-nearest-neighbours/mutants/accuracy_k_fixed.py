# misconception_ko: k를 쓰지 않고 언제나 1로 시험함
# misconception_en: Ignores k and always tests with 1
# dies_at: accuracy-check

# %% solution="accuracy"
    return sum(predict(data, features, 1) == species for species, features in questions) / len(questions)
