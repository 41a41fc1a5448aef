# misconception_ko: 단위 대신 크기로 짐작함(1000이 넘으면 Wh)
# misconception_en: guesses by size instead of unit: above 1000 it is Wh
# dies_at: kwh-units

# %% solution="to-kwh"
number = pd.to_numeric(energy.astype("string").str.replace(",", "")).astype("float64")
return number.where(number < 1000, number / 1000)
