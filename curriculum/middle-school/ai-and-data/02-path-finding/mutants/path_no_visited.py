# misconception_ko: 본 역을 표시하지 않아 끝없이 헤맴
# misconception_en: Keeps no visited set and wanders for ever
# dies_at: path-edges, path-big

# %% solution="shortest-path"
    line = deque([[start]])
    while line:
        path = line.popleft()
        if path[-1] == goal:
            return path
        for there in city.neighbours(path[-1]):
            line.append(path + [there])
    return None
