# misconception_ko: 비기면 나중에 나온(더 먼) 이름이 이김
# misconception_en: In a tie the later (further) name wins
# dies_at: vote-tie

# %% solution="vote"
    winner = labels[0]
    for name in labels:
        if labels.count(name) >= labels.count(winner):
            winner = name
    return winner
