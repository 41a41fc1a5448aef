# misconception_ko: 갈 수 없을 때 None 대신 빈 목록
# misconception_en: Returns an empty list and not None when there is no way
# dies_at: path-edges

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
        return []
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]
