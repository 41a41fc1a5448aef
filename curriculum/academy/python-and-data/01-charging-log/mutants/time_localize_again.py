# misconception_ko: 시간대를 바꾸지 않고 갈아 끼움(수는 그대로)
# misconception_en: swaps the zone instead of converting: the numbers stay
# dies_at: time-again

# %% solution="to-time"
if isinstance(text.dtype, pd.DatetimeTZDtype):
    return text.dt.tz_localize(None).dt.tz_localize(KST)
text = text.astype("string")
marked = text.str.contains(r"(?:Z|[+-]\d\d:\d\d)$", na=False)
return pd.to_datetime(text.where(marked, text + "+09:00"), utc=True, format="ISO8601").dt.tz_convert(KST)
