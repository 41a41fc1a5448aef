# misconception_ko: 깊이 우선: 길은 맞지만 가장 짧지 않음
# misconception_en: Depth first: a path, but not a shortest one
# dies_at: path-check, path-big

# %% solution="shortest-path"
    came_from = {start: None}
    stack = [start]
    while stack:
        here = stack.pop()
        for there in city.neighbours(here):
            if there not in came_from:
                came_from[there] = here
                stack.append(there)
    if goal not in came_from:
        return None
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]
