# misconception_ko: 줄 전체가 같을 때에만 겹친 것으로 봄
# misconception_en: takes only wholly equal rows for the same
# dies_at: clean-conserves, clean-latest

# %% solution="clean"
kept = table.drop_duplicates()
tidy = kept.assign(started=to_time(kept["started"]), ended=to_time(kept["ended"]), energy=to_kwh(kept["energy"], kept["unit"]), unit="kWh")
return tidy.sort_values(["started", "session"], ignore_index=True)
