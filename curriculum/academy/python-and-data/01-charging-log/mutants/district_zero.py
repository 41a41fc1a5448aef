# misconception_ko: 아는 것이 없는 구를 0으로 적음
# misconception_en: writes 0 where nothing is known
# dies_at: district-unknown

# %% solution="by-district"
groups = tidy["energy"].groupby(tidy["district"].fillna("미상"))
return pd.DataFrame({"sessions": groups.size(), "kwh": groups.sum(), "unknown": groups.size() - groups.count()})
