# misconception_ko: 행이 시간 순서라고 믿고 받은 순서대로 밂
# misconception_en: believes that rows come in order of time and shifts them as they came
# dies_at: lags-order, lags-gaps

# %% solution="lags"
    result = table.copy()
    for h in hours:
        result[f"lag_{h}"] = table.groupby("home")["kwh"].shift(h)
    return result
