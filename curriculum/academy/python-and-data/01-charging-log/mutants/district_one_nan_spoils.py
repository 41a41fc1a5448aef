# misconception_ko: 하나라도 모르면 합을 NaN으로 함
# misconception_en: makes the sum NaN where a single value is unknown
# dies_at: district-total

# %% solution="by-district"
groups = tidy["energy"].groupby(tidy["district"].fillna("미상"))
total = groups.apply(lambda values: values.sum(skipna=False))
return pd.DataFrame({"sessions": groups.size(), "kwh": total, "unknown": groups.size() - groups.count()})
