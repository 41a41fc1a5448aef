"""What a cohort gives, and when it is open: opening hours by tables and properties; faults with their lines."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.errors import SettingsError
from bitgoeul.profiles import Profile, minutes_of, opening
from bitgoeul.settings import load

SEOUL = ZoneInfo("Asia/Seoul")
BERLIN = ZoneInfo("Europe/Berlin")
GOOD = """
[[gpus.devices]]
uuid = "GPU-a"
[[gpus.devices]]
uuid = "GPU-b"
slots = 4
[[gpus.devices]]
uuid = "MIG-c"
mig = "1g.10gb"

[cohorts.one]
title = { ko = "일", en = "One" }
gpu = "whole"
hours = ["mon-fri 09:00-22:00", "토 10:00-12:00"]
starts = 2026-03-02
ends = 2026-12-18
"""


def at(text: str, zone: ZoneInfo = SEOUL) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ([], "2026-11-24 03:00", None),
        (["09:00-22:00"], "2026-11-24 09:00", "2026-11-24 22:00"),
        (["mon-fri 09:00-22:00"], "2026-11-27 21:59", "2026-11-27 22:00"),  # a Friday
        (["월-금 09:00-22:00"], "2026-11-27 21:59", "2026-11-27 22:00"),
        (["fri 22:00-02:00"], "2026-11-28 01:00", "2026-11-28 02:00"),
        (["sun 22:00-02:00"], "2026-11-23 01:00", "2026-11-23 02:00"),  # from last week into Monday
        (["sat-mon 08:00-09:00"], "2026-11-23 08:30", "2026-11-23 09:00"),
        (["09:00-12:00", "12:00-13:00"], "2026-11-24 11:00", "2026-11-24 13:00"),
        (["mon 09:00-24:00", "tue 00:00-06:00"], "2026-11-23 23:00", "2026-11-24 06:00"),
    ],
)
def test_a_cohort_is_open_until_its_hours_end(hours, now, until):
    found = opening(Profile(hours=tuple(hours)), at(now))

    assert found.open
    assert found.until == (at(until) if until else None)


@pytest.mark.parametrize(
    ("values", "now", "opens", "over"),
    [
        ({"hours": ("mon-fri 09:00-22:00",)}, "2026-11-28 12:00", "2026-11-30 09:00", False),
        ({"hours": ("09:00-22:00",)}, "2026-11-24 22:00", "2026-11-25 09:00", False),
        ({"starts": date(2027, 3, 2)}, "2026-11-24 12:00", "2027-03-02 00:00", False),
        ({"starts": date(2027, 3, 2), "hours": ("wed 10:00-11:00",)}, "2026-11-24 12:00", "2027-03-03 10:00", False),
        ({"ends": date(2026, 11, 23)}, "2026-11-24 00:00", None, True),
        ({"ends": date(2026, 11, 27), "hours": ("mon 09:00-10:00",)}, "2026-11-24 00:00", None, True),
    ],
)
def test_a_closed_cohort_says_when_it_opens_or_that_it_is_over(values, now, opens, over):
    found = opening(Profile(**values), at(now))

    assert not found.open
    assert (found.opens, found.over) == (at(opens) if opens else None, over)


def test_the_last_day_counts_whole():
    found = opening(Profile(ends=date(2026, 11, 24)), at("2026-11-24 23:59"))

    assert (found.open, found.until) == (True, at("2026-11-25 00:00"))


def test_nine_stays_nine_when_the_clocks_change():
    profile = Profile(hours=("09:00-17:00",))

    assert opening(profile, at("2026-03-29 09:00", BERLIN)).open  # the day of summer time
    assert not opening(profile, at("2026-03-29 08:59", BERLIN)).open


spans = st.builds(
    lambda day, start, end: f"{day} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}",
    st.sampled_from(["mon", "tue-thu", "sat-mon", "sun", "mon-sun"]),
    st.integers(0, 1439),
    st.integers(0, 1440),
)


@given(hours=st.lists(spans, min_size=1, max_size=3), minute=st.integers(0, 2 * 7 * 1440))
def test_open_by_the_minute_is_open_by_the_law(hours, minute):
    """Against the plainest reading: go through the minutes of a week."""
    now = at("2026-11-23 00:00") + timedelta(minutes=minute)
    week = {m % (7 * 1440) for span in hours for a, b in minutes_of(span) for m in range(a, b)}
    found = opening(Profile(hours=tuple(hours)), now)

    assert found.open == (minute % (7 * 1440) in week)
    if found.open and len(week) < 7 * 1440:
        assert int((found.until - at("2026-11-23 00:00")).total_seconds() // 60) % (7 * 1440) not in week
    if not found.open:
        assert int((found.opens - at("2026-11-23 00:00")).total_seconds() // 60) % (7 * 1440) in week


def faults(folder: Path, text: str) -> list[str]:
    path = folder / "academy.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(path, {})
    return [fault.removeprefix(f"{path}:") for fault in caught.value.faults]


def test_a_good_profile_is_read(tmp_path):
    (tmp_path / "academy.toml").write_text(GOOD)
    settings = load(tmp_path / "academy.toml", {})

    cohort = settings.cohorts["one"]
    assert (cohort.gpu, cohort.ends) == ("whole", date(2026, 12, 18))
    assert [device.kind for device in settings.gpus.devices] == ["whole", "shared", "1g.10gb"]
    assert settings.gpus.managed


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (GOOD.replace('"mon-fri 09:00-22:00"', '"weekdays 9-22"'), 14, "mon-fri 09:00-22:00"),
        (GOOD.replace("22:00", "25:00"), 14, "from 00:00 to 24:00"),
        (GOOD.replace("2026-12-18", "2026-01-01"), 16, "before it starts"),
        (GOOD.replace('gpu = "whole"', 'gpu = "2g.20gb"'), 13, "there is 1g.10gb, shared, whole"),
        (GOOD.replace('gpu = "whole"', 'gpu = "many"'), 13, "found 'many'"),
        (GOOD.replace("GPU-b", "GPU-a"), 5, "twice"),
        (GOOD.replace('mig = "1g.10gb"', 'mig = "1g.10gb"\nslots = 2'), 10, "one person"),
        (GOOD + "cpus = 0\n", 17, "greater than 0"),
        (GOOD + 'network = "wide"\n', 17, "'closed', 'packages' or 'open'"),
    ],
)
def test_a_fault_of_a_profile_names_its_line(tmp_path, text, line, sentence):
    found = faults(tmp_path, text)

    assert len(found) == 1, found
    assert found[0].startswith(f"{line}:"), found
    assert sentence in found[0]


def test_all_faults_of_a_profile_are_told_at_once(tmp_path):
    found = faults(tmp_path, GOOD + 'cpus = 0\nnetwork = "wide"\nram = 3\n')

    assert [fault.split(":")[0] for fault in found] == ["17", "18", "19"]
