# style_ko: 표준 라이브러리
# style_en: the standard library

# %% solution="mean"
import statistics

return statistics.fmean(values)
