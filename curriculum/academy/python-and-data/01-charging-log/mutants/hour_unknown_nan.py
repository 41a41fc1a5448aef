# misconception_ko: 모르는 충전량이 있는 시각을 NaN으로 함
# misconception_en: makes an hour NaN where an energy is unknown
# dies_at: hour-korean

# %% solution="by-hour"
sums = tidy["energy"].groupby(tidy["started"].dt.hour).apply(lambda values: values.sum(skipna=False))
return sums.reindex(range(24), fill_value=0.0)
