# misconception_ko: w -= ... 로 건네받은 배열을 바꿈
# misconception_en: changes the array it was handed by w -= ...
# dies_at: descend-pure

# %% solution="descend"
    losses = [loss(w, b)]
    for _ in range(steps):
        gw, gb = gradient(w, b)
        gw = np.array(gw)
        w -= rate * gw
        b -= rate * gb
        losses.append(loss(w, b))
    return w, b, losses
