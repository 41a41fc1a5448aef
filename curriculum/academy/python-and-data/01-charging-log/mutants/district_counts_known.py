# misconception_ko: 줄의 수 대신 충전량을 아는 줄만 셈
# misconception_en: counts only rows whose energy is known
# dies_at: district-total

# %% solution="by-district"
groups = tidy["energy"].groupby(tidy["district"].fillna("미상"))
return pd.DataFrame({"sessions": groups.count(), "kwh": groups.sum(min_count=1), "unknown": groups.size() - groups.count()})
