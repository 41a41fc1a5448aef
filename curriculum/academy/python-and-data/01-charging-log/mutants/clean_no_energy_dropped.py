# misconception_ko: 충전량을 모르는 줄만 버림
# misconception_en: drops the rows without an energy
# dies_at: clean-conserves

# %% solution="clean"
kept = table.sort_values("received").drop_duplicates("session", keep="last").dropna(subset=["energy"])
tidy = kept.assign(started=to_time(kept["started"]), ended=to_time(kept["ended"]), energy=to_kwh(kept["energy"], kept["unit"]), unit="kWh")
return tidy.sort_values(["started", "session"], ignore_index=True)
