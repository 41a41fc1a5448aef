# misconception_ko: 닿지 않는 역도 0번으로 넣음
# misconception_en: Puts stations out of reach in, with 0
# dies_at: waves-check

# %% solution="waves"
    moves = {start: 0}
    line = deque([start])
    while line:
        here = line.popleft()
        for there in city.neighbours(here):
            if there not in moves:
                moves[there] = moves[here] + 1
                line.append(there)
    for station in city.stations:
        moves.setdefault(station, 0)
    return moves
