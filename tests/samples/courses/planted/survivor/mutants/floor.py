# misconception_ko: 몫만 구함
# misconception_en: keeps the whole part
# dies_at: mean-check

# %% solution="mean"
return sum(values) // len(values)
