# misconception_ko: 같은 역을 두 번 지나면 길이 아니라고 봄
# misconception_en: Believes a path may not pass a station twice
# dies_at: is-path-check

# %% solution="is-path"
    if len(set(path)) != len(path):
        return False
    return all(there in city.neighbours(here) for here, there in zip(path, path[1:]))
