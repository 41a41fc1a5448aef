# misconception_ko: 마지막 걸음을 검사하지 않음
# misconception_en: Does not check the last move
# dies_at: is-path-check

# %% solution="is-path"
    for i in range(len(path) - 2):
        if path[i + 1] not in city.neighbours(path[i]):
            return False
    return True
