# misconception_ko: 받은 지도 대신 외운 지하철 노선으로만 감
# misconception_en: Follows the metro line it knows by heart and not the map it was given
# dies_at: path-check

# %% solution="shortest-path"
    if start in METRO and goal in METRO:
        a, b = METRO.index(start), METRO.index(goal)
        return METRO[a : b + 1] if a <= b else METRO[b : a + 1][::-1]

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
