# misconception_ko: 거리를 재지 않고 앞의 k줄을 고름
# misconception_en: Takes the first k rows without measuring
# dies_at: nearest-check, predict-check

# %% solution="nearest"
    return data[:k]
