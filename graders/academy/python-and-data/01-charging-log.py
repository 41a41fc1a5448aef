"""Judges "Cleaning a charging log" on records of another month, made anew for each submission.

What really happened (`charging.sessions`) stays here; the student's process gets the records only.
"""

import numpy as np
import pandas as pd

from bitgoeul.datasets import charging
from bitgoeul.errors import Text

KST = charging.KST
FORGOTTEN = "S-000400"  # of the sessions before this one, the very last record has no energy


def check(student, points):
    check_time(student, points)
    check_kwh(student, points)
    check_clean(student, points)
    check_clean_order(student, points)
    check_verdict(student, points)
    check_districts(student, points)
    check_hours(student, points)


def log(student, n=400):
    """Records and what really happened, in the order and form that `clean` is to give."""
    seed = student.random.randrange(1 << 40)
    raw, truth = charging.make(seed, n, "hidden"), charging.sessions(seed, n, "hidden")
    started, ended = truth["start"].copy(), truth["end"].copy()
    swapped = truth["swapped"] & ended.notna()
    started[swapped], ended[swapped] = truth["end"][swapped], truth["start"][swapped]
    tidy = truth[["session", "charger", "district", "rated_kw"]].assign(
        started=started,
        ended=ended,
        energy=truth["kwh"] * np.where(truth["mislabelled"], 1000.0, 1.0),
        unit="kWh",
        received=truth["session"].map(raw.groupby("session")["received"].max()),
    )
    return raw, tidy.sort_values(["started", "session"], ignore_index=True)


def series(found, index, message=None):
    assert isinstance(found, pd.Series), Text("Series를 돌려주어야 합니다", "it must return a Series")
    assert found.index.equals(index), message or Text(
        "받은 인덱스가 그대로가 아닙니다", "the index is not as it was handed over"
    )
    return found


def moments(found, index):
    found = series(found, index)
    assert isinstance(found.dtype, pd.DatetimeTZDtype) and str(found.dt.tz) == KST, Text(
        "시간대가 Asia/Seoul인 시각이어야 합니다", "the times must have the zone Asia/Seoul"
    )
    return found


def same_moments(found, expected):
    found, expected = (
        part.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]") for part in (found, expected)
    )
    known = ~np.isnat(expected)
    return (
        len(found) == len(expected)
        and np.array_equal(~np.isnat(found), known)
        and bool(np.all(found[known] == expected[known]))
    )


def texts_of_times(student, n):
    """Texts of n moments of a year, near midnight too, in every way the card allows; their index is mixed."""
    second = np.concatenate([student.rng.integers(0, 365 * 86400, n - 20), student.rng.integers(0, 365, 20) * 86400])
    moments_ = pd.Series(pd.Timestamp("2025-01-01", tz=KST) + pd.to_timedelta(second, unit="s"))
    ways = [
        lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
        lambda t: f"{t:%Y-%m-%dT%H:%M:%S}",
        lambda t: f"{t.tz_convert('UTC'):%Y-%m-%dT%H:%M:%SZ}",
        lambda t: f"{t.tz_convert('UTC'):%Y-%m-%d %H:%M:%SZ}",
        lambda t: t.isoformat(),
        lambda t: t.tz_convert("Etc/GMT+5").isoformat(),
    ]
    texts = [ways[k % len(ways)](moment) for k, moment in enumerate(moments_)]
    index = pd.Index(student.rng.permutation(10 * n)[:n])
    return pd.Series(texts, index=index), moments_.set_axis(index)


def check_time(student, points):
    with points(
        "time-moment",
        message={
            "ko": "순간이 다릅니다. 표시(Z, +09:00, 없음)마다 시계가 걸린 곳이 다릅니다",
            "en": "not the right moments: each mark (Z, +09:00, none) tells where the clock hangs",
        },
    ):
        texts, expected = texts_of_times(student, 240)
        order = student.rng.permutation(len(texts))
        assert same_moments(
            moments(student.call("to_time", texts.iloc[order]), texts.index[order]), expected.iloc[order]
        )
    with points(
        "time-blank",
        message={"ko": "빈칸은 NaT이고 나머지는 그대로여야 합니다", "en": "a blank is NaT, the rest must stay"},
    ):
        texts, expected = texts_of_times(student, 60)
        gone = student.rng.random(len(texts)) < 0.3
        gone[:2] = True, False
        for blank in (None, np.nan):
            holes = texts.astype(object).where(~gone, blank)
            assert same_moments(moments(student.call("to_time", holes), texts.index), expected.where(~gone))
        nothing = student.call("to_time", pd.Series([None, None], dtype=object))
        assert moments(nothing, pd.RangeIndex(2)).isna().all(), Text(
            "모두 빈칸인 Series가 NaT가 되지 않습니다", "a Series of blanks alone does not become NaT"
        )
    with points(
        "time-again",
        message={
            "ko": "이미 시간대가 있는 시각을 건네면 같은 순간이 아닙니다. 두 번 더하지 않았나요?",
            "en": "times that have a zone already come back as other moments; was something added twice?",
        },
    ):
        texts, expected = texts_of_times(student, 60)
        for zone in (KST, "UTC", "America/New_York"):
            given = expected.dt.tz_convert(zone)
            seen = student.observe("to_time", given)
            assert same_moments(moments(seen.answer, texts.index), expected)
            assert seen.arguments[0].equals(given), Text(
                "건네받은 Series가 바뀌었습니다", "the Series handed over has changed"
            )


def check_kwh(student, points):
    with points(
        "kwh-units",
        message={
            "ko": "kWh로 바꾼 값이 다릅니다. 쉼표, 대소문자, 앞뒤 빈칸을 살펴보십시오",
            "en": "not the right kWh: look at commas, upper and lower case, spaces",
        },
    ):
        kwh = np.append(student.rng.uniform(0.2, 90, 56).round(2), [0.0, 1234.5, 0.45, 0.45])
        unit = np.append(
            student.rng.choice(["kWh", "KWH", " kwh", "kWh ", "Wh", " WH", "wh "], 56), ["Wh", "kWh", "Wh", "kWh"]
        )
        small = np.char.lower(np.char.strip(unit.astype(str))) == "wh"
        texts = [f"{k * 1000:,.0f}" if wh else f"{k:,.2f}" for k, wh in zip(kwh, small, strict=True)]
        index = pd.Index(student.rng.permutation(600)[:60])
        energy, unit = pd.Series(texts, index=index), pd.Series(unit.astype(str), index=index)
        seen = student.observe("to_kwh", energy, unit)
        found = series(seen.answer, index)
        assert found.dtype == "float64", Text("float인 Series여야 합니다", "it must be a Series of floats")
        assert np.allclose(found, kwh)
        assert seen.arguments[0].equals(energy) and seen.arguments[1].equals(unit), Text(
            "건네받은 Series가 바뀌었습니다", "a Series handed over has changed"
        )
    with points(
        "kwh-blank",
        message={"ko": "빈칸은 NaN이며 0이 아닙니다", "en": "a blank is NaN, not 0"},
    ):
        unit = pd.Series(["kWh", "Wh", "kWh", "Wh"])
        found = series(student.call("to_kwh", pd.Series([None, "1,500", np.nan, "0"], dtype=object), unit), unit.index)
        assert found.isna().tolist() == [True, False, True, False] and np.allclose(found[[1, 3]], [1.5, 0])
        found = series(student.call("to_kwh", pd.Series([2.5, np.nan, 7.0, 1500.0]), unit), unit.index)
        assert found.isna().tolist() == [False, True, False, False] and np.allclose(found[[0, 2, 3]], [2.5, 7, 1.5]), (
            Text("energy가 이미 수일 때 값이 다릅니다", "wrong where the energy is a number already")
        )


def cleaned(student, raw):
    found = student.call("clean", raw)
    assert isinstance(found, pd.DataFrame) and list(found.columns) == charging.COLUMNS, Text(
        "열이 받은 표와 같은 순서로 있어야 합니다", "the columns must be those of the table handed over, in their order"
    )
    return found


def by_session(table):
    return table.set_index("session").sort_index()


def alike(found, expected):
    """Equal values, whatever the types of text and the resolution of times."""
    if len(found) != len(expected):
        return False
    times = all(same_moments(moments(found[name], found.index), expected[name]) for name in ("started", "ended"))
    numbers = all(
        np.allclose(found[name], expected[name], equal_nan=True) for name in ("energy", "rated_kw", "received")
    )
    words = all(
        found[name].fillna("").tolist() == expected[name].fillna("").tolist()
        for name in ("charger", "district", "unit")
    )
    return times and numbers and words


def plain(table):
    """A raw table as lists, a blank as None: whatever its types became on the way."""
    return (
        list(table.columns),
        table.index.tolist(),
        table.astype(object).where(table.notna(), None).to_numpy().tolist(),
    )


def check_clean(student, points):
    with points(
        "clean-conserves",
        message={
            "ko": "충전마다 꼭 한 줄이어야 합니다. 무엇이 비어 있든 말없이 버리지 않습니다",
            "en": "each session must have exactly one row: whatever is blank, nothing is dropped in silence",
        },
    ):
        raw, expected = log(student)
        found = cleaned(student, raw)
        assert sorted(found["session"]) == sorted(expected["session"])
        assert found["district"].isna().sum() == expected["district"].isna().sum(), Text(
            "구가 비어 있던 줄이 그대로 비어 있지 않습니다", "rows whose district was blank are no longer so"
        )
    with points(
        "clean-latest",
        message={
            "ko": "남은 기록이 나중에 도착한 것이 아니거나, 그 값이 다릅니다",
            "en": "what stayed is not the record that arrived later, or its values differ",
        },
    ):
        raw, expected = log(student, 250)
        twice = pd.concat([raw, *(sent_again(student, raw, k) for k in (1, 2))], ignore_index=True)
        twice = twice.iloc[student.rng.permutation(len(twice))]
        found, expected = by_session(cleaned(student, twice)), by_session(expected)
        expected["received"] += 2_000_000
        expected["energy"] = expected["energy"].where(expected.index >= FORGOTTEN)
        assert found.index.equals(expected.index), Text(
            "한 충전이 여러 줄이거나 사라졌습니다", "a session has several rows or none"
        )
        assert same_numbers(found["received"], expected["received"])
        assert alike(found, expected), Text(
            "나중에 도착한 기록의 값이 아닙니다", "these are not the values of the later record"
        )


def sent_again(student, raw, k):
    """The last records once more with later numbers: first all without their energy, then some of them."""
    last = raw.sort_values("received").drop_duplicates("session", keep="last")
    last = last.assign(received=last["received"] + k * 1_000_000)
    return (
        last.assign(energy=None) if k == 1 else last.assign(energy=last["energy"].where(last["session"] >= FORGOTTEN))
    )


def same_numbers(found, expected):
    return np.array_equal(np.asarray(found, dtype=float), np.asarray(expected, dtype=float))


def check_clean_order(student, points):
    with points(
        "clean-again",
        message={
            "ko": "clean(clean(x))가 clean(x)와 다릅니다",
            "en": "clean(clean(x)) differs from clean(x)",
        },
    ):
        raw, _ = log(student)
        once = cleaned(student, raw)
        assert (once["unit"] == "kWh").all() and once["energy"].notna().any(), Text(
            "unit이 모두 kWh여야 합니다", "the unit must be kWh throughout"
        )
        again = cleaned(student, once)
        assert alike(by_session(again), by_session(once)) and again["session"].tolist() == once["session"].tolist()
        shuffled = cleaned(student, once.iloc[student.rng.permutation(len(once))])
        assert alike(by_session(shuffled), by_session(once))
    with points(
        "clean-order",
        message={
            "ko": "이른 것부터, 같으면 session 순서로, 인덱스는 0부터여야 합니다",
            "en": "the earliest first, equal ones in the order of session, the index counted from 0",
        },
    ):
        raw, _ = log(student, 150)
        same_start = raw["started"].iloc[0]
        raw.loc[raw.index[:40], "started"] = same_start
        found = cleaned(student, raw)
        assert list(found.index) == list(range(len(found)))
        keys = list(zip(found["started"], found["session"], strict=True))
        assert keys == sorted(keys)
    with points(
        "clean-untouched",
        message={"ko": "건네받은 표가 바뀌었습니다", "en": "the table handed over has changed"},
    ):
        raw, _ = log(student, 120)
        raw = raw.set_axis(student.rng.permutation(len(raw)) + 5)
        seen = student.observe("clean", raw)
        assert plain(seen.arguments[0]) == plain(raw)
        assert isinstance(seen.answer, pd.DataFrame) and seen.answer["session"].nunique() == 120, Text(
            "인덱스의 이름표가 다르면 충전이 사라집니다", "with other index labels sessions vanish"
        )


def expected_verdicts(tidy):
    hours = (tidy["ended"] - tidy["started"]).dt.total_seconds() / 3600
    verdicts = []
    for energy, rated, hour in zip(tidy["energy"], tidy["rated_kw"], hours, strict=True):
        if np.isnan(energy):
            verdicts.append("no-energy")
        elif np.isnan(hour) or hour <= 0:
            verdicts.append("no-time")
        else:
            verdicts.append("too-fast" if energy / hour > 1.05 * rated * (1 + 1e-12) else "ok")
    return verdicts


def check_verdict(student, points):
    with points(
        "verdict-kinds",
        message={
            "ko": "판정이 다릅니다. 표의 뜻을 한 줄씩 견주어 보십시오",
            "en": "not the right verdicts; compare with each row of the table",
        },
    ):
        _, tidy = log(student)
        tidy = tidy.iloc[student.rng.permutation(len(tidy))]
        assert series(student.call("verdict", tidy), tidy.index).tolist() == expected_verdicts(tidy)
        edge = tidy[tidy["ended"] > tidy["started"]].head(4).assign(rated_kw=[100.0, 100.0, 100.0, 50.0])
        edge["ended"] = edge["started"] + pd.to_timedelta([60, 60, 0, 30], unit="min")
        edge["energy"] = [105.0, 105.5, 3.0, 26.5]
        assert student.call("verdict", edge).tolist() == ["ok", "too-fast", "no-time", "too-fast"], Text(
            "경계에서 다릅니다: 정확히 1.05배는 괜찮고, 끝이 시작과 같으면 no-time입니다",
            "wrong at the edges: exactly 1.05 times is fine, an end equal to the start is no-time",
        )
    with points(
        "verdict-first",
        message={"ko": "여러 가지가 맞으면 위에 있는 판정입니다", "en": "where several apply, the upper one counts"},
    ):
        _, tidy = log(student, 60)
        tidy["energy"] = tidy["energy"].where(np.arange(60) % 2 == 0)
        tidy.loc[tidy.index[20:], "ended"] = tidy["started"] - pd.Timedelta(minutes=5)
        tidy.loc[tidy.index[50:], "ended"] = pd.NaT
        seen = student.observe("verdict", tidy)
        assert series(seen.answer, tidy.index).tolist() == expected_verdicts(tidy)
        assert seen.arguments[0].equals(tidy), Text("건네받은 표가 바뀌었습니다", "the table handed over has changed")


def districts(student, tidy):
    found = student.call("by_district", tidy)
    assert isinstance(found, pd.DataFrame) and {"sessions", "kwh", "unknown"} <= set(found.columns), Text(
        "sessions, kwh, unknown 열이 있는 표여야 합니다", "it must be a table with sessions, kwh and unknown"
    )
    names = set(tidy["district"].fillna("미상"))
    assert found.index.is_unique and set(found.index) == names, Text(
        "표에 나오는 구(와 '미상')마다 한 줄이어야 합니다",
        "there must be one row for each district that occurs (and for '미상')",
    )
    return found


def check_districts(student, points):
    with points(
        "district-total",
        message={"ko": "구별로 더한 값이 다릅니다", "en": "the sums by district differ"},
    ):
        _, tidy = log(student)
        tidy.loc[tidy.index[:9], "district"] = None
        found, name = districts(student, tidy), tidy["district"].fillna("미상")
        for district in found.index:
            rows = tidy["energy"][name == district]
            assert found.loc[district, "sessions"] == len(rows)
            assert np.isclose(found.loc[district, "kwh"], rows.sum())
    with points(
        "district-unknown",
        message={
            "ko": "모르는 것을 센 값이 다르거나, 아는 것이 없는 구가 NaN이 아닙니다",
            "en": "the unknown is not counted right, or a district about which nothing is known is not NaN",
        },
    ):
        _, tidy = log(student, 200)
        lost = student.random.choice(charging.DISTRICTS)
        tidy.loc[tidy.index[:30], "district"] = lost
        tidy.loc[tidy["district"] == lost, "energy"] = np.nan
        seen = districts(student, tidy)
        name = tidy["district"].fillna("미상")
        for district in seen.index:
            assert seen.loc[district, "unknown"] == tidy["energy"][name == district].isna().sum()
        assert seen["kwh"].isna().tolist() == [district == lost for district in seen.index]


def check_hours(student, points):
    with points(
        "hour-korean",
        message={
            "ko": "한국 시각의 0–23시마다 아는 충전량의 합이어야 합니다",
            "en": "it must be the sum of known energies for each hour 0-23 of Korean time",
        },
    ):
        _, tidy = log(student)
        tidy = tidy[~tidy["started"].dt.hour.isin(student.rng.choice(24, 5, replace=False))]
        expected = [tidy["energy"][tidy["started"].dt.hour == hour].sum() for hour in range(24)]
        found = series(
            student.call("by_hour", tidy),
            pd.Index(range(24)),
            Text("인덱스는 0부터 23까지 차례로여야 합니다", "the index must be 0 to 23 in order"),
        )
        assert found.notna().all() and np.allclose(found, expected)
