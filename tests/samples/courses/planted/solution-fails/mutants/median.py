# misconception_ko: 가운데 값을 구함
# misconception_en: takes the middle value
# dies_at: mean-check

# %% solution="mean"
return sorted(values)[len(values) // 2]
