# misconception_ko: Z만 표시로 알고 다른 시차는 한국 시각으로 읽음
# misconception_en: knows only Z as a mark and reads other offsets as Korean time
# dies_at: time-moment

# %% solution="to-time"
if isinstance(text.dtype, pd.DatetimeTZDtype):
    return text.dt.tz_convert(KST)
text = text.astype("string")
wall = pd.to_datetime(text.str.slice(0, 19).str.replace("T", " "), format="%Y-%m-%d %H:%M:%S")
return (wall + pd.to_timedelta(np.where(text.str.endswith("Z").fillna(False), 9, 0), unit="h")).dt.tz_localize(KST)
