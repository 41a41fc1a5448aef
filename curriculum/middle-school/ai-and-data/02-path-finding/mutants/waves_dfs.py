# misconception_ko: 나중에 본 역을 먼저 꺼냄 (깊이 우선)
# misconception_en: Takes out last what was seen first (depth first)
# dies_at: waves-check

# %% solution="waves"
    moves = {start: 0}
    line = deque([start])
    while line:
        here = line.pop()
        for there in city.neighbours(here):
            if there not in moves:
                moves[there] = moves[here] + 1
                line.append(there)
    return moves
