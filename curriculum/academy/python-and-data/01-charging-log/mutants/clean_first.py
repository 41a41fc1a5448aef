# misconception_ko: 먼저 도착한 기록을 남김
# misconception_en: keeps the record that arrived first
# dies_at: clean-latest

# %% solution="clean"
kept = table.sort_values("received").drop_duplicates("session", keep="first")
tidy = kept.assign(started=to_time(kept["started"]), ended=to_time(kept["ended"]), energy=to_kwh(kept["energy"], kept["unit"]), unit="kWh")
return tidy.sort_values(["started", "session"], ignore_index=True)
