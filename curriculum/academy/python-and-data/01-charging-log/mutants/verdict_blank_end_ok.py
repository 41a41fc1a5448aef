# misconception_ko: 끝난 시각이 비면 넘어감
# misconception_en: lets a blank end pass
# dies_at: verdict-kinds

# %% solution="verdict"
hours = (tidy["ended"] - tidy["started"]) / pd.Timedelta(hours=1)
told = np.select([tidy["energy"].isna(), hours <= 0, tidy["energy"] > 1.05 * tidy["rated_kw"] * hours], ["no-energy", "no-time", "too-fast"], "ok")
return pd.Series(told, index=tidy.index)
