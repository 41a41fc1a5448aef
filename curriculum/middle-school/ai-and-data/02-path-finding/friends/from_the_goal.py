# style_ko: 도착역에서 거꾸로 찾기, 본 표시는 꺼낼 때, 재귀로 길 잇기
# style_en: Searches from the goal; marks when taken out; a helper inside

# %% solution="is-path"
    if len(path) == 1:
        return True
    if path[1] in city.neighbours(path[0]):
        return is_path(city, path[1:])
    return False

# %% solution="waves"
    moves = {}
    line = deque([(start, 0)])
    while line:
        station, number = line.popleft()
        if station in moves:
            continue
        moves[station] = number
        line.extend((there, number + 1) for there in city.neighbours(station))
    return moves

# %% solution="shortest-path"
    next_stop = {}
    line = deque([(goal, None)])
    while line:
        here, towards = line.popleft()
        if here in next_stop:
            continue
        next_stop[here] = towards
        if here == start:
            break
        for there in city.neighbours(here):
            line.append((there, here))
    if start not in next_stop:
        return None
    path = []
    station = start
    while station is not None:
        path.append(station)
        station = next_stop[station]
    return path

# %% solution="detour"
    next_stop = {}
    line = deque([(goal, None)])
    while line:
        here, towards = line.popleft()
        if here in next_stop or here in closed:
            continue
        next_stop[here] = towards
        if here == start:
            break
        for there in city.neighbours(here):
            line.append((there, here))
    if start not in next_stop:
        return None
    path = []
    station = start
    while station is not None:
        path.append(station)
        station = next_stop[station]
    return path
