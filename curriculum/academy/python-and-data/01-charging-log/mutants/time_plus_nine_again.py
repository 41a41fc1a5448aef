# misconception_ko: 시간대가 있는 시각에 9시간을 또 더함
# misconception_en: adds 9 hours again to times that have a zone
# dies_at: time-again, clean-again

# %% solution="to-time"
if isinstance(text.dtype, pd.DatetimeTZDtype):
    return text.dt.tz_convert(KST) + pd.Timedelta(hours=9)
text = text.astype("string")
marked = text.str.contains(r"(?:Z|[+-]\d\d:\d\d)$", na=False)
return pd.to_datetime(text.where(marked, text + "+09:00"), utc=True, format="ISO8601").dt.tz_convert(KST)
