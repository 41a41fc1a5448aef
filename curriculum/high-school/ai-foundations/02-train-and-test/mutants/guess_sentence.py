# misconception_ko: 수 대신 글을 적음
# misconception_en: writes words in place of a number
# dies_at: guess-check

# %% solution="guess"
my_guess = "90"
