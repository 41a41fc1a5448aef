# misconception_ko: 막힌 역을 무시함
# misconception_en: Ignores the closed stations
# dies_at: detour-check

# %% solution="detour"
    return shortest_path(city, start, goal)
