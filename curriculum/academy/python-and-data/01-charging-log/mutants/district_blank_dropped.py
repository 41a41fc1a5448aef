# misconception_ko: 구가 빈 줄을 groupby가 버리게 둠
# misconception_en: lets groupby drop rows without a district
# dies_at: district-total, district-unknown

# %% solution="by-district"
groups = tidy["energy"].groupby(tidy["district"])
return pd.DataFrame({"sessions": groups.size(), "kwh": groups.sum(min_count=1), "unknown": groups.size() - groups.count()})
