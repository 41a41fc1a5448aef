# misconception_ko: 판정의 순서를 거꾸로 함
# misconception_en: judges in the other order
# dies_at: verdict-first

# %% solution="verdict"
hours = (tidy["ended"] - tidy["started"]) / pd.Timedelta(hours=1)
told = np.select([~(hours > 0), tidy["energy"].isna(), tidy["energy"] > 1.05 * tidy["rated_kw"] * hours], ["no-time", "no-energy", "too-fast"], "ok")
return pd.Series(told, index=tidy.index)
