# misconception_ko: 빈 시각을 위 줄의 시각으로 채움
# misconception_en: fills a blank time with the one above
# dies_at: time-blank

# %% solution="to-time"
if isinstance(text.dtype, pd.DatetimeTZDtype):
    return text.dt.tz_convert(KST)
text = text.astype("string").ffill()
marked = text.str.contains(r"(?:Z|[+-]\d\d:\d\d)$", na=False)
return pd.to_datetime(text.where(marked, text + "+09:00"), utc=True, format="ISO8601").dt.tz_convert(KST)
