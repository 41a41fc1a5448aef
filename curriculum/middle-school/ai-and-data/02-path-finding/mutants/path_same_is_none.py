# misconception_ko: 출발과 도착이 같으면 None
# misconception_en: Returns None when start and goal are the same
# dies_at: path-edges

# %% solution="shortest-path"
    if start == goal:
        return None

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
    return path[::-1]
