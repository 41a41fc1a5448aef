"""전기차 배터리 자료, 판 1. 이 데이터는 만들어 낸 것입니다. / Electric-car battery data, version 1. These data are made up.

한 줄이 셀 하나입니다. One row is one cell.

pack         팩 번호, 한 팩의 셀은 서로 닮음 / the pack; cells of a pack are alike
temperature  쓰는 동안의 평균 온도, ℃ / mean temperature in use, deg C
c_rate       충전 전류 / charging current, C       depth  한 번에 쓰는 깊이 0~1 / depth of discharge
soh_10 ... soh_100  10, 25, 50, 75, 100번 충·방전 뒤 남은 용량의 비율(잰 값) / measured share of capacity left after so many cycles
resistance   100번 뒤의 내부 저항, mΩ (가끔 비어 있음) / internal resistance after 100 cycles, milliohm (sometimes missing)
soh_400      400번 뒤 남은 용량의 비율: 맞힐 값 / share of capacity left after 400 cycles: the target
weight       점수를 매길 때의 무게, 더운 셀은 2 / weight in the score; hot cells count twice

방법: 제곱근 + 직선 열화, 온도는 아레니우스 식. / Method: fade as a square root plus a line, temperature by Arrhenius.
"""

import numpy as np
import pandas as pd

VERSION = 1
CELLS = 10  # 팩마다 / per pack
SPLITS = ("train", "public", "private")
HOT = 32.0  # ℃
CYCLES = (10, 25, 50, 75, 100)


def make(seed, n, split):
    """n개의 셀. 같은 (seed, n, split)이면 언제나 같은 표입니다. / n cells; the same arguments, the same table."""
    rng = np.random.default_rng([VERSION, seed, SPLITS.index(split)])
    packs = -(-n // CELLS)
    pack = np.repeat(np.arange(packs), CELLS)[:n]
    hot = rng.permutation(packs) < round(0.25 * packs) if split == "private" else np.zeros(packs, bool)
    warm = np.where(hot, rng.uniform(38.0, 48.0, packs), rng.uniform(12.0, HOT - 2.0, packs))
    temperature = np.where(hot[pack], warm[pack] + rng.normal(0, 0.8, n), np.minimum(warm[pack] + rng.normal(0, 0.8, n), HOT))
    c_rate = rng.choice([0.5, 1.0, 1.5, 2.0], packs)[pack]
    depth = np.clip(rng.normal(0.8, 0.1, n), 0.4, 1.0)
    arrhenius = np.exp(3500.0 * (1 / 298.15 - 1 / (temperature + 273.15)))
    quality = np.exp(rng.normal(0.0, 0.12, packs))[pack] * np.exp(rng.normal(0.0, 0.12, n))
    root = 0.0022 * arrhenius * depth * quality
    line = 0.00008 * arrhenius * c_rate * np.exp(rng.normal(0.0, 0.15, n))

    def left(cycle):
        return 1.0 - root * np.sqrt(cycle) - line * cycle

    table = {
        "pack": [f"{split[:3].upper()}-{k:03d}" for k in pack],
        "temperature": temperature.round(1),
        "c_rate": c_rate,
        "depth": depth.round(2),
    }
    table |= {f"soh_{cycle}": (left(cycle) + rng.normal(0, 0.0004, n)).round(5) for cycle in CYCLES}
    resistance = 18.0 + 220.0 * (1.0 - left(100)) + rng.normal(0, 0.4, n)
    table["resistance"] = np.where(rng.random(n) < 0.04, np.nan, resistance.round(2))
    table["soh_400"] = left(400).round(5)
    table["weight"] = np.where(hot[pack], 2.0, 1.0)
    return pd.DataFrame(table).iloc[rng.permutation(n)].reset_index(drop=True)
