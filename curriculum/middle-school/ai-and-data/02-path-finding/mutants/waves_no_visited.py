# misconception_ko: 본 역을 표시하지 않아 끝없이 되돌아감
# misconception_en: Does not remember what it has seen, and goes back for ever
# dies_at: waves-check

# %% solution="waves"
    moves = {start: 0}
    line = deque([start])
    while line:
        here = line.popleft()
        for there in city.neighbours(here):
            moves[there] = moves[here] + 1
            line.append(there)
    return moves
