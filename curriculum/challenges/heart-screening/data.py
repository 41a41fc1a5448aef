"""심전도 선별 자료, 판 1. 이 데이터는 만들어 낸 것입니다. / Heart-beat screening data, version 1. These data are made up.

한 줄이 심장 박동 하나입니다: 가장 높은 곳(R)의 앞 0.28초부터 뒤 0.436초까지를 250 Hz로 잰 것.
One row is one beat: from 0.28 s before its peak (R) to 0.436 s after it, taken at 250 Hz.

patient    사람 (훈련 자료에만) / the person (in the training data only)
kind       normal, pvc(조기심실수축), af(심방세동) (훈련 자료에만) / (in the training data only)
rr_before  앞 박동까지의 시간, ms / time since the beat before
rr_after   다음 박동까지의 시간, ms (가끔 비어 있음) / time until the next beat (sometimes missing)
v000 ... v179  전압, µV, 4 ms마다 하나. v070이 R의 자리 / voltage every 4 ms; R stands at v070
abnormal   맞힐 값: 보통 박동이면 0, 아니면 1 / the target: 0 for a normal beat, else 1

방법: 파형은 가우스 곡선의 합(P, Q, R, S, T), 잡음은 기준선 흔들림, 근육 잡음, 60 Hz 전원. 비공개 자료의 10%는 전극을 거꾸로 붙인 사람입니다.
Method: waves as sums of Gaussians (P, Q, R, S, T); a wandering baseline, muscle noise and 60 Hz mains on top. In the private
data every tenth person wears the electrodes the wrong way round.
"""

import numpy as np
import pandas as pd

VERSION = 1
BEATS = 12  # 사람마다 / per person
SPLITS = ("train", "public", "private")
KINDS = ("normal", "pvc", "af")
RATE = 250  # Hz
PLACE = 70  # R이 놓인 곳 / where R stands
SAMPLES = 180
MISSING = 0.03


def make(seed, n, split):
    """n명의 박동. 같은 (seed, n, split)이면 언제나 같은 표입니다. / Beats of n people; the same arguments, the same table."""
    rng = np.random.default_rng([VERSION, seed, SPLITS.index(split)])
    rows = n * BEATS
    person = np.repeat(np.arange(n), BEATS)
    fibrillates = rng.permutation(n) < round(0.12 * n)
    early = np.where(rng.permutation(n) < round(0.25 * n), rng.uniform(0.15, 0.45, n), 0.02)  # PVC의 몫 / share of PVC
    kind = np.where(rng.random(rows) < early[person], 1, np.where(fibrillates[person], 2, 0))
    pace = rng.uniform(620, 1080, n)[person]
    spread = np.where(fibrillates[person], 0.2, 0.04)
    before = pace * np.exp(spread * rng.normal(size=rows)) * np.where(kind == 1, rng.uniform(0.6, 0.95, rows), np.where(rng.random(rows) < 0.05, 0.8, 1.0))
    after = pace * np.exp(spread * rng.normal(size=rows)) * np.where(kind == 1, rng.uniform(1.0, 1.4, rows), 1.0)
    volts = _waves(rng, kind, n, person)
    if split == "private":
        volts *= np.where(rng.permutation(n) < round(0.1 * n), -1.0, 1.0)[person][:, None]
    volts += _noise(rng, n, person)
    table = {
        "patient": [f"{split[:3].upper()}-{k:03d}" for k in person],
        "kind": np.array(KINDS)[kind],
        "rr_before": before.round().clip(250),
        "rr_after": np.where(rng.random(rows) < MISSING, np.nan, after.round().clip(250)),
    }
    table |= {f"v{k:03d}": column for k, column in enumerate(volts.round().astype(int).T)}
    table["abnormal"] = (kind > 0).astype(int)
    return pd.DataFrame(table).iloc[rng.permutation(rows)].reset_index(drop=True)


def _waves(rng, kind, n, person):
    """(rows, SAMPLES) µV: 사람마다 모양이 다르고 박동마다 조금씩 다릅니다. / each person's own shape, a little different each beat."""
    rows = len(kind)
    t = ((np.arange(SAMPLES) - PLACE + rng.integers(-2, 3, (rows, 1))) / RATE)  # R을 찾는 기계의 오차 / R is not found exactly

    def own(middle, spread):
        return (middle * np.exp(spread * rng.normal(size=n)))[person] * np.exp(0.06 * rng.normal(size=rows))

    def hump(height, at, width):
        return height[:, None] * np.exp(-0.5 * ((t - at[:, None]) / width[:, None]) ** 2)

    pvc, af = kind == 1, kind == 2
    narrow, pr, qt = own(0.011, 0.25), own(0.16, 0.14), own(0.27, 0.1)
    wide = narrow * np.where(pvc, rng.uniform(1.3, 2.4, rows), 1.0)
    r, tall = own(1100, 0.3), np.where(pvc, rng.uniform(0.9, 1.5, rows), 1.0)
    found = hump(np.where(pvc | af, 0.0, own(95, 0.45)), -pr, own(0.022, 0.1))  # P
    found += hump(-np.where(pvc, 0.0, own(110, 0.4)), -2.4 * narrow, narrow)  # Q
    found += hump(r * tall, np.zeros(rows), wide)
    found += hump(-np.where(pvc, 1.6, 1.0) * own(230, 0.7), 2.6 * wide, 1.2 * wide)  # S
    t_wave = own(260, 0.4) * np.where(rng.random(n) < 0.15, -0.6, 1.0)[person]  # 보통 박동에도 거꾸로 선 T가 있음 / some are inverted
    found += hump(t_wave * np.where(pvc, rng.uniform(-1.4, 0.4, rows), 1.0), qt, own(0.045, 0.12))
    flutter = rng.uniform(5.0, 8.0, rows)[:, None] * t + rng.random(rows)[:, None]
    return found + np.where(af, own(35, 0.3), 0.0)[:, None] * np.sin(2 * np.pi * flutter)  # f파 / f waves


def _noise(rng, n, person):
    rows = len(person)
    t = (np.arange(SAMPLES) / RATE)[None]
    level = np.exp(rng.normal(3.5, 0.4, n))[person][:, None]
    mains = np.exp(rng.normal(3.4, 0.7, n))[person][:, None]
    sway = rng.normal(0, 160, (rows, 1)) * np.sin(2 * np.pi * (rng.uniform(0.15, 0.4, (rows, 1)) * t + rng.random((rows, 1))))
    hum = mains * np.sin(2 * np.pi * (60.0 * t + rng.random((rows, 1))))
    return sway + hum + level * rng.normal(size=(rows, SAMPLES))
