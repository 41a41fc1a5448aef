# misconception_ko: 이름을 잘못 씀
# misconception_en: misspells a name
# dies_at: mean-check

# %% solution="mean"
return sum(values) / count
