# misconception_ko: 지도에 있는 역인지만 봄
# misconception_en: Checks only that the stations are on the map
# dies_at: is-path-check

# %% solution="is-path"
    return all(station in city.stations for station in path)
