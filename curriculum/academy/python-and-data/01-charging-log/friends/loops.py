# style_ko: 표준 라이브러리의 datetime과 사전으로, 한 줄씩
# style_en: row by row, with dictionaries and the standard library's datetime

# %% solution="to-time"
    from datetime import datetime
    from zoneinfo import ZoneInfo

    moments = []
    for told in text:
        if told is None or told is pd.NaT or told != told:
            moments.append(pd.NaT)
            continue
        moment = told if isinstance(told, pd.Timestamp) else datetime.fromisoformat(told.replace("Z", "+00:00"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo("Asia/Seoul"))
        moments.append(pd.Timestamp(moment).tz_convert("Asia/Seoul"))
    return pd.Series(moments, index=text.index, dtype="datetime64[ns, Asia/Seoul]")

# %% solution="to-kwh"
    factor = {"kwh": 1.0, "wh": 0.001}
    values = []
    for amount, name in zip(energy, unit):
        if amount is None or amount != amount:
            values.append(float("nan"))
        else:
            values.append(float(str(amount).replace(",", "")) * factor[name.strip().lower()])
    return pd.Series(values, index=energy.index, dtype=float)

# %% solution="clean"
    kept = {}
    for record in table.to_dict("records"):
        other = kept.get(record["session"])
        if other is None or record["received"] > other["received"]:
            kept[record["session"]] = record
    tidy = pd.DataFrame(list(kept.values()), columns=table.columns)
    for column in ("started", "ended"):
        tidy[column] = to_time(tidy[column])
    tidy["energy"] = to_kwh(tidy["energy"], tidy["unit"])
    tidy["unit"] = ["kWh"] * len(tidy)
    order = sorted(range(len(tidy)), key=lambda k: (tidy["started"][k], tidy["session"][k]))
    return tidy.iloc[order].reset_index(drop=True)

# %% solution="verdict"
    told = []
    for row in tidy.itertuples():
        if row.energy != row.energy:
            told.append("no-energy")
        elif row.ended is pd.NaT or row.ended <= row.started:
            told.append("no-time")
        elif row.energy * 3600 > 1.05 * row.rated_kw * (row.ended - row.started).total_seconds():
            told.append("too-fast")
        else:
            told.append("ok")
    return pd.Series(told, index=tidy.index)

# %% solution="by-district"
    found = {}
    for name, amount in zip(tidy["district"], tidy["energy"]):
        name = name if isinstance(name, str) else "미상"
        line = found.setdefault(name, {"sessions": 0, "kwh": float("nan"), "unknown": 0})
        line["sessions"] += 1
        if amount != amount:
            line["unknown"] += 1
        else:
            line["kwh"] = amount if line["kwh"] != line["kwh"] else line["kwh"] + amount
    return pd.DataFrame.from_dict(found, orient="index")

# %% solution="by-hour"
    sums = [0.0] * 24
    for moment, amount in zip(tidy["started"], tidy["energy"]):
        if amount == amount:
            sums[moment.hour] += amount
    return pd.Series(sums)
