# style_ko: 배운 것만 쓰기: 번호로 도는 반복문, 가장 가까운 것을 하나씩 뽑기, 사전으로 세기
# style_en: Only what was taught: loops over indexes, taking the closest one again and again, counting in a dictionary

# %% solution="guess"
my_guess = 'Gentoo'

# %% solution="distance"
    squares = []
    for i in range(len(a)):
        gap = abs(a[i] - b[i])
        squares.append(gap * gap)
    return sum(squares) ** 0.5

# %% solution="nearest"
    gaps = []
    for i in range(len(data)):
        gaps.append(distance(data[i][1], point))
    used = [False] * len(data)
    chosen = []
    while len(chosen) < k:
        best = -1
        for i in range(len(data)):
            if not used[i] and (best == -1 or gaps[i] < gaps[best]):
                best = i
        used[best] = True
        chosen.append(data[best])
    return chosen

# %% solution="vote"
    counts = {}
    for name in labels:
        if name not in counts:
            counts[name] = 0
        counts[name] += 1
    winner = None
    for name in counts:
        if winner is None or counts[name] > counts[winner]:
            winner = name
    return winner

# %% solution="predict"
    names = []
    rows = nearest(data, point, k)
    for i in range(len(rows)):
        names.append(rows[i][0])
    answer = vote(names)
    return answer

# %% solution="accuracy"
    wrong = 0
    for i in range(len(questions)):
        answer = predict(data, questions[i][1], k)
        if answer != questions[i][0]:
            wrong += 1
    return 1 - wrong / len(questions)
