# misconception_ko: 막힌 역이라도 도착역이면 들어감
# misconception_en: Enters a closed station if it is the goal
# dies_at: detour-check

# %% solution="detour"
    came_from = {start: None}
    line = deque([start])
    while line:
        here = line.popleft()
        for there in city.neighbours(here):
            if there not in came_from and (there not in closed or there == goal):
                came_from[there] = here
                line.append(there)
    if goal not in came_from:
        return None
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]
