"""절전 고지서 실험, 판 1. 이 데이터는 만들어 낸 것입니다. / A trial of electricity bills, version 1. These data are made up.

한 줄이 한 집입니다. 제비를 뽑아 반에는 늘 보내던 고지서(A), 반에는 이웃과 견주는 그림이 있는 고지서(B)를 보냈습니다.
One row is one home. By lot, half got the usual bill (A), half one with a picture that compares with neighbours (B).

home, group, district   집, 고지서, 구 / the home, its bill, its district
mon ... sun             그 요일에 쓴 전기가 지난해 같은 달보다 늘어난 양, kWh (줄면 음수)
                        how much more was used on that weekday than in the same month last year, kWh (less is negative)
"""

from __future__ import annotations

import numpy as np
import pandas as pd

VERSION = 1
SPLITS = ("trial", "null")
EFFECT = -1.5  # kWh a month and home, in a trial
DISTRICTS = ("동구", "서구", "남구", "북구", "광산구")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHARE_LEFT = 0.02  # 이사를 나가 거의 쓰지 않은 집 / homes whose people moved out


def make(seed: int, n: int, split: str) -> pd.DataFrame:
    """A trial with n homes, half of them in each group; in "null" the two bills do the same."""
    rng = np.random.default_rng([VERSION, seed, SPLITS.index(split)])
    group = rng.permutation(np.where(np.arange(n) < n // 2, "A", "B"))
    habit = np.exp(rng.normal(0.0, 0.45, n))  # 큰 집은 더 많이 늘고 준다 / large homes change more
    month = habit * (rng.normal(-1.0, 26.0, n) + 9.0 * rng.gamma(1.0, 1.0, n))
    if split == "trial":
        month += habit * EFFECT * (group == "B")
    days = month[:, None] / 7 + habit[:, None] * rng.normal(0.0, 4.5, (n, 7))
    left = rng.random(n) < SHARE_LEFT
    days[left] = -rng.uniform(18.0, 45.0, (n, 7))[left]
    table = pd.DataFrame({
        "home": [f"H-{k:04d}" for k in range(n)],
        "group": group,
        "district": rng.choice(DISTRICTS, n, p=[0.08, 0.21, 0.15, 0.29, 0.27]),
    })
    return table.join(pd.DataFrame(days.round(2), columns=list(DAYS)))
