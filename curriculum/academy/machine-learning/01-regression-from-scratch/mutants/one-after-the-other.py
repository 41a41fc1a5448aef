# misconception_ko: w를 먼저 고친 뒤 새 자리에서 잰 기울기로 b를 고침
# misconception_en: moves w first and then b by a gradient measured at the new place
# dies_at: descend-step

# %% solution="descend"
    losses = [loss(w, b)]
    for _ in range(steps):
        w = w - rate * gradient(w, b)[0]
        b = b - rate * gradient(w, b)[1]
        losses.append(loss(w, b))
    return w, b, losses
