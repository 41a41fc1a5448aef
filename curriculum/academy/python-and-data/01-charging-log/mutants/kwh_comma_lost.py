# misconception_ko: 쉼표가 있는 수를 errors=coerce로 결측으로 만듦
# misconception_en: turns numbers with commas into gaps by errors=coerce
# dies_at: kwh-units

# %% solution="to-kwh"
number = pd.to_numeric(energy, errors="coerce").astype("float64")
return number.where(unit.str.strip().str.lower() != "wh", number / 1000)
