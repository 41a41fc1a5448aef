# misconception_ko: 출발점의 손실을 적지 않음
# misconception_en: does not record the loss at the start
# dies_at: descend-step

# %% solution="descend"
    losses = []
    for _ in range(steps):
        gw, gb = gradient(w, b)
        w = w - rate * gw
        b = b - rate * gb
        losses.append(loss(w, b))
    return w, b, losses
