# misconception_ko: shift(-24)로 과거 대신 미래를 가져옴
# misconception_en: takes the future instead of the past, by shift(-24)
# dies_at: lags-values, lags-future

# %% solution="lags"
    known = table.set_index(["home", "time"])["kwh"]
    result = table.copy()
    for h in hours:
        wanted = pd.MultiIndex.from_arrays([table["home"], table["time"] + pd.Timedelta(hours=h)])
        result[f"lag_{h}"] = known.reindex(wanted).to_numpy()
    return result
