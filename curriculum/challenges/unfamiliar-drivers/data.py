"""운전 동작 자료, 판 1. 이 데이터는 만들어 낸 것입니다. / Driving manoeuvres, version 1. These data are made up.

한 줄이 4초 구간(25 Hz) 하나의 요약입니다. One row sums up a window of four seconds (25 Hz).

driver     운전자 (훈련 자료에만) / the driver (in the training data only)
ax_*       앞뒤 가속도 / forward acceleration, m/s²       ay_*  좌우 가속도 / sideways, m/s²
yaw_*      회전 속도 / yaw rate, rad/s       az_*  위아래 떨림 / vertical, m/s²
speed      구간 처음의 속도, m/s (가끔 비어 있음) / speed at the beginning (sometimes missing)
ay_early, ay_late  앞 절반과 뒤 절반의 평균 / means of the first and the second half
manoeuvre  맞힐 것 / the target: steady, brake, turn, lane, bump

운전자마다 세기와 센서의 치우침이 다릅니다. 비공개 자료에는 센서가 더 시끄러운 차가 있습니다.
Drivers differ in strength and sensor bias; the private data have cars with a noisier sensor.
"""

import numpy as np
import pandas as pd

VERSION = 1
WINDOWS = 40  # 운전자마다 / per driver
SPLITS = ("train", "public", "private")
MANOEUVRES = ("steady", "brake", "turn", "lane", "bump")
SHARES = (0.4, 0.2, 0.15, 0.15, 0.1)


def make(seed, n, split):
    """n명의 운전자. 같은 (seed, n, split)이면 언제나 같은 표입니다. / n drivers; the same arguments, the same table."""
    rng = np.random.default_rng([VERSION, seed, SPLITS.index(split)])
    rows = n * WINDOWS
    driver = np.repeat(np.arange(n), WINDOWS)
    strength = np.exp(rng.normal(0.0, 0.35, n))[driver]
    bias = rng.normal(0.0, 0.35, (n, 3))[driver]
    noise = np.exp(rng.normal(-0.9, 0.25, n))
    if split == "private":
        noise = np.where(rng.permutation(n) < n // 4, noise * 2.0, noise)
    kind = rng.choice(5, rows, p=SHARES)
    ax, ay, yaw, az, speed = _signals(rng, kind, strength)
    for place, signal in enumerate((ax, ay, az)):
        signal += bias[:, [place]] + noise[driver][:, None] * rng.normal(size=signal.shape)
    yaw += 0.04 * noise[driver][:, None] * rng.normal(size=yaw.shape)
    table = {"driver": [f"{split[:3].upper()}-{k:02d}" for k in driver]}
    for name, signal in (("ax", ax), ("ay", ay), ("yaw", yaw), ("az", az)):
        table |= {f"{name}_mean": signal.mean(1), f"{name}_std": signal.std(1), f"{name}_min": signal.min(1), f"{name}_max": signal.max(1)}
    table |= {"ay_early": ay[:, :50].mean(1), "ay_late": ay[:, 50:].mean(1), "yaw_early": yaw[:, :50].mean(1), "yaw_late": yaw[:, 50:].mean(1)}
    table["speed"] = np.where(rng.random(rows) < 0.05, np.nan, speed)
    table = {name: column if name == "driver" else np.round(column, 4) for name, column in table.items()}
    table["manoeuvre"] = np.array(MANOEUVRES)[kind]
    return pd.DataFrame(table).iloc[rng.permutation(rows)].reset_index(drop=True)


def _signals(rng, kind, strength):
    rows = len(kind)
    t = np.linspace(-2.0, 2.0, 100)
    centre = rng.uniform(-0.6, 0.6, rows)[:, None]
    width = rng.uniform(0.4, 0.9, rows)[:, None]
    hump = np.exp(-0.5 * ((t - centre) / width) ** 2)
    swing = -(t - centre) / width * hump * 1.65  # 갔다가 돌아오는 S 모양 / an S: there and back
    side = rng.choice([-1.0, 1.0], rows)
    speed = rng.uniform(4.0, 24.0, rows)
    force = strength * rng.uniform(1.2, 3.2, rows)
    drift = 0.3 * rng.normal(size=(rows, 1)) * np.ones(100)
    ax = drift - (force * (kind == 1))[:, None] * hump
    turn, lane = (force * side * (kind == 2))[:, None] * hump, (0.8 * force * side * (kind == 3))[:, None] * swing
    ay = turn + lane + 0.15 * rng.normal(size=(rows, 1))
    yaw = (turn + lane) / np.maximum(speed, 4.0)[:, None]
    shake = (1.4 * force * (kind == 4))[:, None] * np.exp(-0.5 * ((t - centre) / 0.12) ** 2) * np.cos(25.0 * (t - centre))
    return ax, ay, yaw, shake, speed
