# misconception_ko: 시간으로 나누지 않고 kWh를 kW와 견줌
# misconception_en: compares kWh with kW without dividing by hours
# dies_at: verdict-kinds

# %% solution="verdict"
hours = (tidy["ended"] - tidy["started"]) / pd.Timedelta(hours=1)
told = np.select([tidy["energy"].isna(), ~(hours > 0), tidy["energy"] > 1.05 * tidy["rated_kw"]], ["no-energy", "no-time", "too-fast"], "ok")
return pd.Series(told, index=tidy.index)
