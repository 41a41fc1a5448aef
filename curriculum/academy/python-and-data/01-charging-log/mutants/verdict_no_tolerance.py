# misconception_ko: 계량기의 오차를 봐주지 않음
# misconception_en: grants the meter no tolerance
# dies_at: verdict-kinds

# %% solution="verdict"
hours = (tidy["ended"] - tidy["started"]) / pd.Timedelta(hours=1)
told = np.select([tidy["energy"].isna(), ~(hours > 0), tidy["energy"] > tidy["rated_kw"] * hours], ["no-energy", "no-time", "too-fast"], "ok")
return pd.Series(told, index=tidy.index)
