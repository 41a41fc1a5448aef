# misconception_ko: 한국 시각으로 바꾼 뒤 시간대를 떼어 냄
# misconception_en: cuts the zone off after converting
# dies_at: time-moment, time-again

# %% solution="to-time"
if str(text.dtype).startswith("datetime"):
    return text
text = text.astype("string")
marked = text.str.contains(r"(?:Z|[+-]\d\d:\d\d)$", na=False)
return pd.to_datetime(text.where(marked, text + "+09:00"), utc=True, format="ISO8601").dt.tz_convert(KST).dt.tz_localize(None)
