# misconception_ko: 이름에 번호를 붙여 평균을 냄
# misconception_en: Numbers the names and takes the mean
# dies_at: vote-check

# %% solution="vote"
    names = sorted(set(labels))
    numbers = [names.index(name) for name in labels]
    return names[round(sum(numbers) / len(numbers))]
