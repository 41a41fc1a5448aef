# misconception_ko: 이미 본 역의 온 곳을 자꾸 고쳐 씀
# misconception_en: Overwrites where a station was reached from
# dies_at: path-check

# %% solution="shortest-path"
    came_from = {start: None}
    seen = {start}
    line = deque([start])
    while line:
        here = line.popleft()
        for there in city.neighbours(here):
            if there != start and came_from.get(here) != there:
                came_from[there] = here
            if there not in seen:
                seen.add(there)
                line.append(there)
    if goal not in came_from and goal != start:
        return None
    path = [goal]
    while path[-1] != start and len(path) <= len(seen):
        path.append(came_from[path[-1]])
    return path[::-1]
