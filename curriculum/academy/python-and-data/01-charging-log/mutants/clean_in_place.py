# misconception_ko: 건네받은 표를 고침
# misconception_en: changes the table handed over
# dies_at: clean-untouched

# %% solution="clean"
table["started"], table["ended"] = to_time(table["started"]), to_time(table["ended"])
table["energy"], table["unit"] = to_kwh(table["energy"], table["unit"]), "kWh"
latest = table.sort_values("received").drop_duplicates("session", keep="last")
return latest.sort_values(["started", "session"], ignore_index=True)
