# misconception_ko: k보다 하나 더 고름
# misconception_en: Takes one neighbour too many
# dies_at: nearest-check

# %% solution="nearest"
    return sorted(data, key=lambda row: distance(row[1], point))[: k + 1]
