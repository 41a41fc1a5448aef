# misconception_ko: 건네받은 배열을 바꿈
# misconception_en: changes the array it was given
# dies_at: scale-untouched

# %% solution="scale"
    X -= mean
    X /= std
    return X
