"""운전 센서 자료, 판 1. 이 데이터는 만들어 낸 것입니다. / Driving sensor data, version 1. These data are made up.

휴대전화의 가속도계와 자이로로 잰 4초 구간(25 Hz)을 요약한 표입니다. 한 줄이 구간 하나입니다.
A table that sums up windows of 4 seconds (25 Hz) from a phone's accelerometer and gyroscope. One row is one window.

driver   운전자 / driver      car  차종 / kind of car      road  도로 구간 / road segment (R-000 .. R-799)
ax_*     앞뒤 가속도 / forward acceleration, m/s²     ay_*     좌우 가속도 / sideways acceleration, m/s²
yaw_*    회전 속도 / yaw rate, rad/s          pitch, roll  거치대가 기운 각도 / tilt of the holder, degrees
speed    속도 / speed, m/s (위성 신호가 끊기면 비어 있음 / empty without GPS)
risky    1 = 위험한 조작(급제동, 급차로변경) / 1 = risky manoeuvre (harsh braking, abrupt lane change)
"""

import numpy as np
import pandas as pd

VERSION = 1
WINDOWS = 30  # 운전자마다 / per driver
SPLITS = ("train", "hidden")
NUMBERS = ["ax_mean", "ax_std", "ax_min", "ay_mean", "ay_std", "ay_peak", "yaw_mean", "yaw_std", "speed", "pitch", "roll"]
FEATURES = [*NUMBERS, "car", "road"]
GAIN = {"sedan": 1.0, "suv": 0.8, "truck": 0.6, "ev": 1.3, "van": 0.75}  # 차마다 다른 움직임의 세기 / how strongly each car moves
CARS = list(GAIN)


def make(seed, n, split):
    """n명의 운전자를 만듭니다. 같은 (seed, n, split)이면 언제나 같은 표입니다. / n drivers; the same arguments, the same table."""
    rng = np.random.default_rng([VERSION, seed, SPLITS.index(split)])
    roads = np.random.default_rng([VERSION, seed, 99]).normal(0.0, 0.7, 800)  # 도로의 위험은 두 묶음에서 같음 / roads keep their danger
    rows = n * WINDOWS
    driver = np.repeat(np.arange(n), WINDOWS)
    style = (np.where(rng.permutation(n) % 2, 3.0, -2.0) + rng.normal(0.0, 0.4, n))[driver]
    holder = rng.normal(0.0, 8.0, (n, 2))[driver]  # 거치대가 기운 각도 / how the holder is tilted
    car = rng.choice(CARS if split == "hidden" else CARS[:4], n, p=[0.4, 0.25, 0.15, 0.15, 0.05] if split == "hidden" else [0.4, 0.25, 0.2, 0.15])
    gain = (np.array([GAIN[name] for name in car]) * np.exp(rng.normal(0.0, 0.1, n)))[driver]
    shake = np.exp(rng.normal(-0.7, 0.3, n))[driver]  # 차와 거치대의 떨림 / vibration of car and holder
    road = rng.integers(0, 800, rows)

    risky = rng.random(rows) < 1 / (1 + np.exp(1.1 - style - roads[road]))
    ax, ay, yaw, speed = _signals(rng, rows, risky, gain)
    ax += shake[:, None] * rng.normal(size=ax.shape)
    ay += shake[:, None] * rng.normal(size=ay.shape)
    yaw += 0.05 * shake[:, None] * rng.normal(size=yaw.shape)
    speed[rng.random(rows) < 0.06] = np.nan
    flipped = rng.random(rows) < 0.03

    table = pd.DataFrame({
        "driver": [f"{split[0].upper()}-{k:03d}" for k in driver],
        "car": car[driver],
        "road": [f"R-{k:03d}" for k in road],
        "ax_mean": ax.mean(axis=1), "ax_std": ax.std(axis=1), "ax_min": ax.min(axis=1),
        "ay_mean": ay.mean(axis=1), "ay_std": ay.std(axis=1), "ay_peak": np.abs(ay - ay.mean(axis=1, keepdims=True)).max(axis=1),
        "yaw_mean": yaw.mean(axis=1), "yaw_std": yaw.std(axis=1),
        "speed": speed,
        "pitch": holder[:, 0] + rng.normal(0.0, 0.3, rows), "roll": holder[:, 1] + rng.normal(0.0, 0.3, rows),
        "risky": np.where(flipped, ~risky, risky).astype(int),
    })
    return table.iloc[rng.permutation(rows)].reset_index(drop=True)


def _signals(rng, rows, risky, gain):
    t = np.linspace(-2.0, 2.0, 100)
    kind = rng.integers(0, 2, rows)  # 0 제동 / braking, 1 차로 변경 / lane change
    idle = ~risky & (rng.random(rows) < 0.4)  # 아무 조작도 없음 / nothing happens
    force = np.where(risky, rng.normal(3.0, 1.0, rows), rng.normal(1.5, 0.6, rows)).clip(0.1) * gain
    force = np.where(idle, 0.0, force)
    centre = rng.uniform(-0.8, 0.8, rows)[:, None]
    width = np.where(risky, rng.uniform(0.3, 0.6, rows), rng.uniform(0.5, 0.9, rows))[:, None]
    bump = np.exp(-0.5 * ((t - centre) / width) ** 2)
    swing = -(t - centre) / width * bump * 1.65  # 갔다가 돌아오는 S 모양 / an S: there and back
    brake = force[:, None] * (kind == 0)[:, None] * bump
    lane = force[:, None] * (kind == 1)[:, None] * swing
    pace = rng.uniform(6.0, 24.0, rows)
    return -brake, lane, lane / np.maximum(pace, 5.0)[:, None], pace - brake.mean(axis=1) * 2.0
