# misconception_ko: 표에서 나중에 나오는 기록을 남김
# misconception_en: keeps the record that stands later in the table
# dies_at: clean-latest

# %% solution="clean"
kept = table.drop_duplicates("session", keep="last")
tidy = kept.assign(started=to_time(kept["started"]), ended=to_time(kept["ended"]), energy=to_kwh(kept["energy"], kept["unit"]), unit="kWh")
return tidy.sort_values(["started", "session"], ignore_index=True)
