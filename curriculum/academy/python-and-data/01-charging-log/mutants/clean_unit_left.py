# misconception_ko: unit을 고치지 않아 두 번째에 또 1000으로 나눔
# misconception_en: leaves the unit, so the second time divides by 1000 again
# dies_at: clean-again

# %% solution="clean"
kept = table.sort_values("received").drop_duplicates("session", keep="last")
tidy = kept.assign(started=to_time(kept["started"]), ended=to_time(kept["ended"]), energy=to_kwh(kept["energy"], kept["unit"]))
return tidy.sort_values(["started", "session"], ignore_index=True)
