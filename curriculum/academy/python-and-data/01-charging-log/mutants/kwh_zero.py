# misconception_ko: 빈칸을 0으로 채움
# misconception_en: fills blanks with 0
# dies_at: kwh-blank, clean-latest

# %% solution="to-kwh"
number = pd.to_numeric(energy.astype("string").str.replace(",", "")).astype("float64").fillna(0.0)
return number.where(unit.str.strip().str.lower() != "wh", number / 1000)
