# misconception_ko: 빈칸을 평균으로 채움
# misconception_en: fills blanks with the mean
# dies_at: kwh-blank

# %% solution="to-kwh"
number = pd.to_numeric(energy.astype("string").str.replace(",", "")).astype("float64")
number = number.where(unit.str.strip().str.lower() != "wh", number / 1000)
return number.fillna(number.mean())
