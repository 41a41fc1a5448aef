# misconception_ko: 충전량 대신 건수를 셈
# misconception_en: counts sessions instead of energy
# dies_at: hour-korean

# %% solution="by-hour"
return tidy["energy"].groupby(tidy["started"].dt.hour).count().reindex(range(24), fill_value=0).astype(float)
