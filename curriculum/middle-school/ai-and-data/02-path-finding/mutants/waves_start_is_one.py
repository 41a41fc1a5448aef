# misconception_ko: 시작 역을 1번으로 셈
# misconception_en: Counts the start as 1
# dies_at: waves-check

# %% solution="waves"
    moves = {start: 1}
    line = deque([start])
    while line:
        here = line.popleft()
        for there in city.neighbours(here):
            if there not in moves:
                moves[there] = moves[here] + 1
                line.append(there)
    return moves
