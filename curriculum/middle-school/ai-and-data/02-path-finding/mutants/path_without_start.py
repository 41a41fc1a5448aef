# misconception_ko: 출발역을 빠뜨림
# misconception_en: Leaves out the start
# dies_at: path-check, path-edges

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
    return path[::-1][1:]
