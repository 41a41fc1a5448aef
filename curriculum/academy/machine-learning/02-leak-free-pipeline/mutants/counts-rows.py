# misconception_ko: 정렬은 했지만 24줄 위를 24시간 전으로 앎 (빠진 줄이 있으면 밀림)
# misconception_en: sorts, but takes 24 rows up for 24 hours ago (off wherever rows are missing)
# dies_at: lags-gaps

# %% solution="lags"
    ordered = table.sort_values(["home", "time"])
    result = table.copy()
    for h in hours:
        result[f"lag_{h}"] = ordered.groupby("home")["kwh"].shift(h).reindex(table.index)
    return result
