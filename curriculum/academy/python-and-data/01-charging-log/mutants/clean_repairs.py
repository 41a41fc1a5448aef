# misconception_ko: 정격보다 빠른 기록을 말없이 1000으로 나눔
# misconception_en: divides what is faster than the rating by 1000, in silence
# dies_at: clean-latest

# %% solution="clean"
kept = table.sort_values("received").drop_duplicates("session", keep="last")
tidy = kept.assign(started=to_time(kept["started"]), ended=to_time(kept["ended"]), energy=to_kwh(kept["energy"], kept["unit"]), unit="kWh")
tidy["energy"] = tidy["energy"].where(~(tidy["energy"] > 1000), tidy["energy"] / 1000)
return tidy.sort_values(["started", "session"], ignore_index=True)
