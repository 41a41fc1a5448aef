# style_ko: 반복문
# style_en: a loop

# %% solution="mean"
total = 0
for value in values:
    total += value
return total / len(values)
