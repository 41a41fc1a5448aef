"""이 데이터는 만들어 낸 것입니다. / These data are made up."""

import random

VERSION = 1


def make(seed, n, split):
    rng = random.Random(f"{VERSION} {seed} {split}")
    x = [rng.random() for _ in range(n)]
    target = [value * 0.8 + rng.random() * 0.2 for value in x]
    return {"family": [f"{split}-{k}" for k in range(n)], "secret": target, "x": x, "target": target}
