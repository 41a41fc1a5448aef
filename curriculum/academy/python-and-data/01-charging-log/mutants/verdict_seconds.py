# misconception_ko: timedelta의 seconds만 써서 하루가 넘거나 음수인 시간을 틀림
# misconception_en: uses only the seconds part of a timedelta, wrong where it is negative
# dies_at: verdict-kinds

# %% solution="verdict"
hours = (tidy["ended"] - tidy["started"]).dt.seconds / 3600
told = np.select([tidy["energy"].isna(), ~(hours > 0), tidy["energy"] > 1.05 * tidy["rated_kw"] * hours], ["no-energy", "no-time", "too-fast"], "ok")
return pd.Series(told, index=tidy.index)
