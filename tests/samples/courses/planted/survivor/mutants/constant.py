# misconception_ko: 보이는 검사의 답만 돌려줌
# misconception_en: returns what the visible test wants
# dies_at: mean-check

# %% solution="mean"
return 3
