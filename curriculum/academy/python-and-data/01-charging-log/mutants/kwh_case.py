# misconception_ko: 대소문자와 빈칸이 다른 단위를 놓침
# misconception_en: misses units in other case or with spaces
# dies_at: kwh-units

# %% solution="to-kwh"
number = pd.to_numeric(energy.astype("string").str.replace(",", "")).astype("float64")
return number.where(unit != "Wh", number / 1000)
