# misconception_ko: 기울기 쪽으로 걸어 올라감
# misconception_en: walks along the gradient, uphill
# dies_at: descend-step, descend-pure

# %% solution="descend"
    losses = [loss(w, b)]
    for _ in range(steps):
        gw, gb = gradient(w, b)
        w = w + rate * gw
        b = b + rate * gb
        losses.append(loss(w, b))
    return w, b, losses
