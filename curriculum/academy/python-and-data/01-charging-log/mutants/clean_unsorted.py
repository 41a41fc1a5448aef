# misconception_ko: 차례를 맞추지 않음
# misconception_en: does not sort
# dies_at: clean-order

# %% solution="clean"
kept = table.sort_values("received").drop_duplicates("session", keep="last")
return kept.assign(started=to_time(kept["started"]), ended=to_time(kept["ended"]), energy=to_kwh(kept["energy"], kept["unit"]), unit="kWh").reset_index(drop=True)
