# style_ko: 시각은 시차를 글에서 떼어 내 빼고, 최근 기록은 idxmax로, 묶기는 unstack과 numpy로
# style_en: times by cutting the offset off the text and subtracting it, the latest record by idxmax, groups by crosstab and numpy

# %% solution="to-time"
    if hasattr(text.dt if str(text.dtype).startswith("datetime") else None, "tz_convert"):
        return text.dt.tz_convert(KST)
    parts = text.astype("string").str.extract(r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d)?$")
    wall = pd.to_datetime(parts[0] + " " + parts[1], format="%Y-%m-%d %H:%M:%S")
    mark = parts[2].fillna("+09:00").replace("Z", "+00:00")
    minutes = mark.str[1:3].astype(int) * 60 + mark.str[4:6].astype(int)
    sign = mark.str[0].map({"+": 1, "-": -1}).astype(int)
    utc = wall - pd.to_timedelta((sign * minutes).astype("int64"), unit="min")
    return utc.dt.tz_localize("UTC").dt.tz_convert(KST)

# %% solution="to-kwh"
    digits = energy.map(lambda x: x if pd.isna(x) else float(str(x).replace(",", "")))
    scale = unit.str.upper().str.strip().map({"KWH": 1, "WH": 1000})
    return digits.astype(float) / scale

# %% solution="clean"
    renumbered = table.reset_index(drop=True)
    tidy = renumbered.loc[renumbered.groupby("session")["received"].idxmax()].copy()
    tidy["started"], tidy["ended"] = to_time(tidy["started"]), to_time(tidy["ended"])
    tidy["energy"], tidy["unit"] = to_kwh(tidy["energy"], tidy["unit"]), "kWh"
    tidy = tidy.sort_values("session").sort_values("started", kind="stable")
    tidy.index = range(len(tidy))
    return tidy[list(table.columns)]

# %% solution="verdict"
    told = pd.Series("ok", index=tidy.index)
    seconds = (tidy["ended"] - tidy["started"]).dt.total_seconds()
    told[tidy["energy"].to_numpy() > tidy["rated_kw"].to_numpy() * 1.05 * seconds.to_numpy() / 3600] = "too-fast"
    told[seconds.isna().to_numpy() | (seconds <= 0).to_numpy()] = "no-time"
    told[tidy["energy"].isna().to_numpy()] = "no-energy"
    return told

# %% solution="by-district"
    name = tidy["district"].where(tidy["district"].notna(), "미상").rename("district")
    known = tidy["energy"].notna().to_numpy()
    table = pd.DataFrame({"sessions": name.value_counts()})
    table["kwh"] = tidy["energy"][known].groupby(name[known]).sum()
    table["unknown"] = name[~known].value_counts().reindex(table.index).fillna(0).astype(int)
    return table

# %% solution="by-hour"
    known = tidy.dropna(subset=["energy"])
    return pd.Series(np.bincount(known["started"].dt.hour, weights=known["energy"], minlength=24), index=np.arange(24))
