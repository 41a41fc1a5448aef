# misconception_ko: 단위를 보지 않음
# misconception_en: does not look at the unit
# dies_at: kwh-units

# %% solution="to-kwh"
return pd.to_numeric(energy.astype("string").str.replace(",", "")).astype("float64")
