# misconception_ko: 첫 걸음이 맞으면 바로 True
# misconception_en: Says True as soon as the first move is right
# dies_at: is-path-check

# %% solution="is-path"
    for here, there in zip(path, path[1:]):
        if there in city.neighbours(here):
            return True
        return False
    return True
