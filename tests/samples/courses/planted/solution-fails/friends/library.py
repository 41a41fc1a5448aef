# style_ko: 표준 라이브러리
# style_en: the standard library

# %% solution="mean"
if not values:
    return 0
import statistics

return statistics.fmean(values)
