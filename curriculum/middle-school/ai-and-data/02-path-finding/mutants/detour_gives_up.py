# misconception_ko: 가장 짧은 길에 막힌 역이 있으면 바로 포기함
# misconception_en: Gives up as soon as the shortest path holds a closed station
# dies_at: detour-check

# %% solution="detour"
    path = shortest_path(city, start, goal)
    if path is None or set(path) & set(closed):
        return None
    return path
