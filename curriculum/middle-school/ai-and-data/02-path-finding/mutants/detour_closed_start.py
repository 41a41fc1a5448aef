# misconception_ko: 출발역이 막혀 있어도 떠남
# misconception_en: Leaves from a closed start
# dies_at: detour-check

# %% solution="detour"
    came_from = {start: None}
    line = deque([start])
    while line:
        here = line.popleft()
        for there in city.neighbours(here):
            if there not in came_from and there not in closed:
                came_from[there] = here
                line.append(there)
    if goal not in came_from:
        return None
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]
