# misconception_ko: 받은 집합을 본 역 표시에 씀
# misconception_en: Uses the set it was given to mark what it has seen
# dies_at: detour-check

# %% solution="detour"
    if start in closed or goal in closed:
        return None
    closed.add(start)
    line = deque([[start]])
    while line:
        path = line.popleft()
        if path[-1] == goal:
            return path
        for there in city.neighbours(path[-1]):
            if there not in closed:
                closed.add(there)
                line.append(path + [there])
    return None
