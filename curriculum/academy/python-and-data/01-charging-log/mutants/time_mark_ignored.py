# misconception_ko: 시각의 표시를 떼고 모두 한국 시각으로 읽음
# misconception_en: cuts the marks off and reads all as Korean time
# dies_at: time-moment

# %% solution="to-time"
if isinstance(text.dtype, pd.DatetimeTZDtype):
    return text.dt.tz_convert(KST)
wall = text.astype("string").str[:19].str.replace("T", " ")
return pd.to_datetime(wall, format="%Y-%m-%d %H:%M:%S").dt.tz_localize(KST)
