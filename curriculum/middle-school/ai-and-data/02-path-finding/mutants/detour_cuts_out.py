# misconception_ko: 다 찾은 길에서 막힌 역을 빼기만 함
# misconception_en: Only takes the closed stations out of a finished path
# dies_at: detour-check

# %% solution="detour"
    path = shortest_path(city, start, goal)
    if path is None or start in closed or goal in closed:
        return None
    return [station for station in path if station not in closed]
