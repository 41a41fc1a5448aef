# style_ko: 나누어떨어지면 정수
# style_en: whole where it can be

# %% solution="mean"
total = sum(values)
return total / len(values) if total % len(values) else total // len(values)
