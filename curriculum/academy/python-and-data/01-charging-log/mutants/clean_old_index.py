# misconception_ko: 옛 인덱스를 그대로 둠
# misconception_en: leaves the old index
# dies_at: clean-order

# %% solution="clean"
kept = table.sort_values("received").drop_duplicates("session", keep="last")
return kept.assign(started=to_time(kept["started"]), ended=to_time(kept["ended"]), energy=to_kwh(kept["energy"], kept["unit"]), unit="kWh").sort_values(["started", "session"])
