# misconception_ko: 바로 옆 역까지만 봄
# misconception_en: Stops after the first ripple
# dies_at: waves-check

# %% solution="waves"
    moves = {start: 0}
    for there in city.neighbours(start):
        moves[there] = 1
    return moves
