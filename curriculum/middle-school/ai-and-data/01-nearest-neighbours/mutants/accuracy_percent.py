# misconception_ko: 0과 1 사이가 아니라 퍼센트로 돌려줌
# misconception_en: Returns percent and not a number between 0 and 1
# dies_at: accuracy-check

# %% solution="accuracy"
    return 100 * sum(predict(data, features, k) == species for species, features in questions) / len(questions)
