# misconception_ko: 거꾸로 더함
# misconception_en: adds from the other end
# dies_at: mean-check

# %% solution="mean"
return sum(reversed(values)) / len(values)
