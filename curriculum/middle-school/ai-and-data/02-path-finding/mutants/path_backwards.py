# misconception_ko: 길을 뒤집지 않음
# misconception_en: Does not turn the path around
# dies_at: path-check

# %% solution="shortest-path"
    came_from = {start: None}
    line = deque([start])
    while line:
        here = line.popleft()
        for there in city.neighbours(here):
            if there not in came_from:
                came_from[there] = here
                line.append(there)
    if goal not in came_from:
        return None
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path
