# misconception_ko: 두 기록을 섞어 빈칸을 메움
# misconception_en: mixes the two records to fill the blanks
# dies_at: clean-latest

# %% solution="clean"
kept = table.sort_values("received", ascending=False).groupby("session", as_index=False).first()[list(table.columns)]
tidy = kept.assign(started=to_time(kept["started"]), ended=to_time(kept["ended"]), energy=to_kwh(kept["energy"], kept["unit"]), unit="kWh")
return tidy.sort_values(["started", "session"], ignore_index=True)
