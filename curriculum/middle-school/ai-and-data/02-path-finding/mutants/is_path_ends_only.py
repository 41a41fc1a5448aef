# misconception_ko: 처음과 끝 역이 다른지만 봄
# misconception_en: Looks only at the first and the last station
# dies_at: is-path-check

# %% solution="is-path"
    return len(path) == 1 or path[0] != path[-1]
