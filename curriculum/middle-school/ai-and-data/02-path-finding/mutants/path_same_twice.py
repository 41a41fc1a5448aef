# misconception_ko: 출발과 도착이 같으면 같은 역을 두 번 적음
# misconception_en: Writes the station twice when start and goal are the same
# dies_at: path-edges

# %% solution="shortest-path"
    if start == goal:
        return [start, goal]

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
