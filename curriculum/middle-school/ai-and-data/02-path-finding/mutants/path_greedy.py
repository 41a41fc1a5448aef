# misconception_ko: 언제나 안 가 본 첫 이웃으로만 감
# misconception_en: Always goes to the first neighbour not visited yet
# dies_at: path-check, path-big

# %% solution="shortest-path"
    path = [start]
    while path[-1] != goal:
        fresh = [there for there in city.neighbours(path[-1]) if there not in path]
        if not fresh:
            return None
        path.append(fresh[0])
    return path
