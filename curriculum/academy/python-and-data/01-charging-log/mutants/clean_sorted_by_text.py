# misconception_ko: 시각으로 바꾸기 전에 글로 정렬함
# misconception_en: sorts by the text, before it is a time
# dies_at: clean-order

# %% solution="clean"
kept = table.sort_values("received").drop_duplicates("session", keep="last").sort_values(["started", "session"], ignore_index=True)
return kept.assign(started=to_time(kept["started"]), ended=to_time(kept["ended"]), energy=to_kwh(kept["energy"], kept["unit"]), unit="kWh")
