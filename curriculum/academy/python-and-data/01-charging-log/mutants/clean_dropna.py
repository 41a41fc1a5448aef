# misconception_ko: 빈칸이 있는 줄을 말없이 버림
# misconception_en: drops rows with blanks in silence
# dies_at: clean-conserves

# %% solution="clean"
kept = table.sort_values("received").drop_duplicates("session", keep="last").dropna()
tidy = kept.assign(started=to_time(kept["started"]), ended=to_time(kept["ended"]), energy=to_kwh(kept["energy"], kept["unit"]), unit="kWh")
return tidy.sort_values(["started", "session"], ignore_index=True)
