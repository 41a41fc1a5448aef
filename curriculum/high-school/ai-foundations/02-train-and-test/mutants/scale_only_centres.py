# misconception_ko: 빼기만 하고 나누지 않음
# misconception_en: subtracts, but does not divide
# dies_at: scale-check, predict-units

# %% solution="scale"
    return X - mean + 0 * std
