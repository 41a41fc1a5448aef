# style_ko: 반복문
# style_en: a loop

# %% solution="mean"
if not values:
    return 0
total = 0
for value in values:
    total += value
return total / len(values)
