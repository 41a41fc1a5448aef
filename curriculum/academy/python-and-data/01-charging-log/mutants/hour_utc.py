# misconception_ko: UTC의 시로 묶음
# misconception_en: groups by the hour of UTC
# dies_at: hour-korean

# %% solution="by-hour"
hour = tidy["started"].dt.tz_convert("UTC").dt.hour
return tidy["energy"].groupby(hour).sum().reindex(range(24), fill_value=0.0)
