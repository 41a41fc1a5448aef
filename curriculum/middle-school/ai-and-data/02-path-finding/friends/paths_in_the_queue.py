# style_ko: 줄에 역 대신 지금까지 온 길을 통째로 세움, 번호로 도는 반복문
# style_en: Keeps whole paths in the queue; loops over indexes

# %% solution="guess"
my_guess = 9

# %% solution="is-path"
    good = True
    for i in range(len(path) - 1):
        if path[i + 1] not in city.neighbours(path[i]):
            good = False
    return good

# %% solution="waves"
    moves = {start: 0}
    line = [start]
    i = 0
    while i < len(line):
        for station in city.neighbours(line[i]):
            if station in moves:
                continue
            moves[station] = moves[line[i]] + 1
            line.append(station)
        i += 1
    return moves

# %% solution="shortest-path"
    if start == goal:
        return [start]
    seen = {start}
    line = [[start]]
    while len(line) > 0:
        path = line.pop(0)
        for station in city.neighbours(path[-1]):
            if station == goal:
                return path + [station]
            if station not in seen:
                seen.add(station)
                line.append(path + [station])
    return None

# %% solution="detour"
    if start in closed:
        return None
    seen = set(closed) | {start}
    line = [[start]]
    for path in line:
        if path[-1] == goal:
            return path
        for station in city.neighbours(path[-1]):
            if station not in seen:
                seen.add(station)
                line.append(path + [station])
