# misconception_ko: 본 역을 늘어놓은 목록을 길이라고 돌려줌
# misconception_en: Returns the list of stations it looked at, which is no path
# dies_at: path-check, path-big

# %% solution="shortest-path"
    seen = [start]
    for here in seen:
        if here == goal:
            return seen[: seen.index(goal) + 1]
        for there in city.neighbours(here):
            if there not in seen:
                seen.append(there)
    return None
