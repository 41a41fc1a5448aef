# misconception_ko: 모르는 값을 0으로 채움
# misconception_en: fills what is not known with 0
# dies_at: lags-missing

# %% solution="lags"
    known = table.set_index(["home", "time"])["kwh"]
    result = table.copy()
    for h in hours:
        wanted = pd.MultiIndex.from_arrays([table["home"], table["time"] - pd.Timedelta(hours=h)])
        result[f"lag_{h}"] = known.reindex(wanted).fillna(0.0).to_numpy()
    return result
