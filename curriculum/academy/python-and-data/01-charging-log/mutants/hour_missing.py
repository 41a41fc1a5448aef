# misconception_ko: 충전이 없는 시각을 빠뜨림
# misconception_en: leaves out hours without a session
# dies_at: hour-korean

# %% solution="by-hour"
return tidy["energy"].groupby(tidy["started"].dt.hour).sum()
