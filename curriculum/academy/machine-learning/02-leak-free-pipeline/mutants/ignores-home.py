# misconception_ko: 집을 가리지 않고 정렬한 표를 밀어 다른 집의 값이 넘어옴
# misconception_en: shifts the sorted table without regard to homes, so that values of another home spill over
# dies_at: lags-homes

# %% solution="lags"
    ordered = table.sort_values(["home", "time"])
    result = table.copy()
    for h in hours:
        result[f"lag_{h}"] = ordered["kwh"].shift(h).reindex(table.index)
    return result
