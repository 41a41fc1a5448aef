# misconception_ko: 짐작 칸에 이름 대신 문장을 씀
# misconception_en: Writes a sentence instead of a name in the guess
# dies_at: guess-check

# %% solution="guess"
my_guess = "잘 모르겠다"
