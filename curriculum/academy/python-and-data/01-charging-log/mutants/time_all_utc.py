# misconception_ko: 표시가 없는 시각을 UTC로 읽음
# misconception_en: reads times without a mark as UTC
# dies_at: time-moment

# %% solution="to-time"
if isinstance(text.dtype, pd.DatetimeTZDtype):
    return text.dt.tz_convert(KST)
return pd.to_datetime(text.astype("string"), utc=True, format="ISO8601").dt.tz_convert(KST)
