# misconception_ko: 건네받은 표에 열을 더함
# misconception_en: adds the columns to the table it was handed
# dies_at: lags-missing

# %% solution="lags"
    known = table.set_index(["home", "time"])["kwh"]
    for h in hours:
        wanted = pd.MultiIndex.from_arrays([table["home"], table["time"] - pd.Timedelta(hours=h)])
        table[f"lag_{h}"] = known.reindex(wanted).to_numpy()
    return table
