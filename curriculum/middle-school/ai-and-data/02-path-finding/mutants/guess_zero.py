# misconception_ko: 짐작에 범위 밖의 수를 씀
# misconception_en: Guesses a number out of range
# dies_at: guess-check

# %% solution="guess"
my_guess = 0
