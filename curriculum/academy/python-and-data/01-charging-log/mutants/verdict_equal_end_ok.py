# misconception_ko: 끝이 시작과 같은 것을 괜찮다고 봄
# misconception_en: takes an end equal to the start as fine
# dies_at: verdict-kinds

# %% solution="verdict"
hours = (tidy["ended"] - tidy["started"]) / pd.Timedelta(hours=1)
told = np.select([tidy["energy"].isna(), ~(hours >= 0), tidy["energy"] > 1.05 * tidy["rated_kw"] * hours], ["no-energy", "no-time", "too-fast"], "ok")
return pd.Series(told, index=tidy.index)
