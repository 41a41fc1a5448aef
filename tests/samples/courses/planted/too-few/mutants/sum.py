# misconception_ko: 나누지 않음
# misconception_en: does not divide
# dies_at: mean-check

# %% solution="mean"
return sum(values)
