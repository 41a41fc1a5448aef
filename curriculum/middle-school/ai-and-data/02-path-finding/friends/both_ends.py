# style_ko: 양쪽 끝에서 물결을 보내 가운데에서 만남, 무거운 사전 대신 목록
# style_en: Sends ripples from both ends and lets them meet in the middle

# %% solution="shortest-path"
    if start == goal:
        return [start]
    parents = [{start: None}, {goal: None}]
    ripples = [[start], [goal]]
    while ripples[0] and ripples[1]:
        side = 0 if len(ripples[0]) <= len(ripples[1]) else 1
        mine, other = parents[side], parents[1 - side]
        meetings, new = [], []
        for here in ripples[side]:
            for there in city.neighbours(here):
                if there in mine:
                    continue
                mine[there] = here
                new.append(there)
                if there in other:
                    meetings.append(there)
        ripples[side] = new
        if meetings:
            middle = meetings[0]
            left, right = [], []
            station = middle
            while station is not None:
                left.append(station)
                station = parents[0][station]
            station = parents[1][middle]
            while station is not None:
                right.append(station)
                station = parents[1][station]
            return left[::-1] + right
    return None

# %% solution="is-path"
    bad = [i for i in range(1, len(path)) if path[i] not in city.neighbours(path[i - 1])]
    return not bad
