# style_ko: 물결마다 집합 하나, 길은 물결의 수를 하나씩 줄이며 되짚음
# style_en: One set for each ripple; walks back by counting the ripples down

# %% solution="guess"
my_guess = 7

# %% solution="is-path"
    return all(there in city.neighbours(here) for here, there in zip(path, path[1:]))

# %% solution="waves"
    moves = {}
    ripple = {start}
    number = 0
    while ripple:
        for station in ripple:
            moves[station] = number
        number += 1
        ripple = {there for here in ripple for there in city.neighbours(here) if there not in moves}
    return moves

# %% solution="shortest-path"
    moves = waves(city, start)
    if goal not in moves:
        return None
    path = [goal]
    for number in range(moves[goal] - 1, -1, -1):
        for station in city.neighbours(path[0]):
            if moves[station] == number:
                path.insert(0, station)
                break
    return path

# %% solution="detour"
    class Smaller:
        """막힌 역이 없는 지도 / the map without the closed stations"""

        def neighbours(self, station):
            return [there for there in city.neighbours(station) if there not in closed]

    if {start, goal} & set(closed):
        return None
    return shortest_path(Smaller(), start, goal)
