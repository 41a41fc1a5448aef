"""전기차 충전 기록, 판 1. 이 데이터는 만들어 낸 것입니다. / Sessions of electric-car chargers, version 1. These data are made up.

한 줄이 충전기 회사가 보내온 기록 하나입니다. / One row is one record as an operator of chargers sent it.

session    충전 번호. 같은 충전이 두 번 올 수 있음 / the session; one session may be sent twice
charger, district, rated_kw   충전기, 있는 구, 정격 출력 / the charger, its district, its rated power, kW
started, ended   시각의 글. 끝에 Z가 있으면 UTC, +09:00이면 그 시차, 표시가 없으면 한국 시각
                 text; "Z" at the end means UTC, "+09:00" an offset, no mark means Korean time
energy, unit     충전량과 단위의 글 / amount of energy and its unit, as text
received   도착 번호. 클수록 나중 / number of arrival; larger is later
"""

from __future__ import annotations

import numpy as np
import pandas as pd

VERSION = 1
SPLITS = ("train", "hidden")
MONTHS = {"train": ("2025-06-01", 30), "hidden": ("2025-10-01", 31)}
DISTRICTS = ("동구", "서구", "남구", "북구", "광산구")
CHARGERS = 60
COLUMNS = ["session", "charger", "district", "rated_kw", "started", "ended", "energy", "unit", "received"]
KST = "Asia/Seoul"

# 시각마다 충전을 시작하는 정도: 완속은 퇴근 뒤, 급속은 한낮 / how often one begins, by hour: slow after work, fast at noon
_SLOW = np.array([2, 1, 1, 1, 1, 1, 2, 3, 4, 4, 3, 3, 3, 3, 3, 4, 5, 8, 12, 12, 10, 8, 6, 4], dtype=float)
_FAST = np.array([1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 9, 10, 11, 10, 9, 9, 9, 9, 8, 6, 5, 4, 3, 2], dtype=float)


def sessions(seed: int, n: int, split: str) -> pd.DataFrame:
    """What really happened: n sessions with times in Korea's zone and energy in kWh, blank where nobody knows it.

    `style` is how the operator writes (0 Korean time and kWh, 1 UTC and Wh, 2 offset and kWh), `mislabelled` whether
    watt-hours are sent under the name of kWh, `swapped` whether start and end changed places.
    """
    rng = np.random.default_rng([VERSION, seed, SPLITS.index(split)])
    first, days = MONTHS[split]
    charger = rng.integers(0, CHARGERS, n)
    rated = rng.choice([7.0, 50.0, 100.0, 200.0], CHARGERS, p=[0.45, 0.25, 0.2, 0.1])
    style = rng.choice(3, CHARGERS, p=[0.45, 0.35, 0.2])[charger]
    district = rng.choice(np.array([*DISTRICTS, None], dtype=object), CHARGERS, p=[0.15, 0.2, 0.15, 0.25, 0.2, 0.05])
    power = rated[charger] * np.where(rated[charger] < 10, rng.uniform(0.8, 0.98, n), rng.uniform(0.3, 0.8, n))
    kwh = np.clip(np.exp(rng.normal(np.log(24.0), 0.55, n)), 1.5, 80.0).round(2)
    slow = rated[charger] < 10
    hour = np.where(slow, rng.choice(24, n, p=_SLOW / _SLOW.sum()), rng.choice(24, n, p=_FAST / _FAST.sum()))
    second = rng.integers(0, days, n) * 86400 + hour * 3600 + rng.integers(0, 3600, n)
    start = pd.Timestamp(first, tz=KST) + pd.to_timedelta(second, unit="s")
    table = pd.DataFrame({"session": [f"S-{k:06d}" for k in rng.permutation(10 * n)[:n]], "start": start})
    table["end"] = table["start"] + pd.to_timedelta(np.ceil(kwh / power * 3600), unit="s")
    table["kwh"] = np.where(rng.random(n) < 0.02, np.nan, kwh)
    table["charger"] = [f"GJ-{k:03d}" for k in charger]
    table["district"], table["rated_kw"], table["style"] = district[charger], rated[charger], style
    table["mislabelled"] = (rng.random(n) < 0.05) & (style == 0) & table["kwh"].notna()
    fault = rng.random(n)
    table.loc[fault < 0.015, "end"] = pd.NaT
    table["swapped"] = fault > 0.994
    return table


def make(seed: int, n: int, split: str) -> pd.DataFrame:
    """The records of n sessions as they arrived, about 1% of them twice; the same arguments give the same table."""
    truth = sessions(seed, n, split)
    rng = np.random.default_rng([VERSION, seed, SPLITS.index(split), 1])
    records = _record(truth, truth["style"].to_numpy(), truth["kwh"].to_numpy())
    twice = np.flatnonzero(rng.random(n) < 0.012)
    early = truth.iloc[twice]
    lost = rng.random(len(twice)) < 0.5  # 첫 기록에는 충전량이 없음 / the first record came without its energy
    before = _record(early, rng.integers(0, 3, len(twice)), np.where(lost, np.nan, early["kwh"]))
    number = rng.permutation(len(records) + len(before)) + 1
    records["received"], before["received"] = number[: len(records)], number[len(records) :]
    late = records.index[twice]
    numbers = np.sort(np.column_stack([records.loc[late, "received"], before["received"]]), axis=1)
    before["received"], records.loc[late, "received"] = numbers[:, 0], numbers[:, 1]
    everything = pd.concat([records, before], ignore_index=True)
    return everything.iloc[rng.permutation(len(everything))].reset_index(drop=True)[COLUMNS]


def _record(truth: pd.DataFrame, style: np.ndarray, kwh: np.ndarray) -> pd.DataFrame:
    """Write each session the way its operator does."""
    record = truth[["session", "charger", "district", "rated_kw"]].copy()
    begin = truth["start"].where(~truth["swapped"] | truth["end"].isna(), truth["end"])
    end = truth["end"].where(~truth["swapped"], truth["start"].where(truth["end"].notna()))
    record["started"] = [_time(*pair) for pair in zip(begin, style, strict=True)]
    record["ended"] = [_time(*pair) for pair in zip(end, style, strict=True)]
    wrong = truth["mislabelled"].to_numpy()
    record["energy"] = [_energy(*told) for told in zip(kwh, style, wrong, strict=True)]
    record["unit"] = np.array(["kWh", "Wh", " KWH"], dtype=object)[style]
    return record


def _time(moment: pd.Timestamp, style: int) -> str | None:
    if pd.isna(moment):
        return None
    if style == 1:
        return f"{moment.tz_convert('UTC'):%Y-%m-%dT%H:%M:%SZ}"
    return f"{moment:%Y-%m-%d %H:%M:%S}" if style == 0 else moment.isoformat()


def _energy(kwh: float, style: int, wrong: bool) -> str | None:
    if np.isnan(kwh):
        return None
    return f"{kwh * 1000:,.0f}" if style == 1 or wrong else f"{kwh:.2f}"
