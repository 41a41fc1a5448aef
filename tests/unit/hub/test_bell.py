"""The bell: whose labs are started before which lesson. The clock and the Hub's interface are the test's."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from traitlets.config import Config

from bitgoeul.gpus.model import Book, Reservation
from bitgoeul.hub import bell as bells
from bitgoeul.hub import policy
from bitgoeul.profiles import LATE, Profile, bell
from bitgoeul.settings import Academy, Bilingual, Cohort, Hub, Settings

SEOUL = ZoneInfo("Asia/Seoul")
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=SEOUL)  # a Monday
TEN_MINUTES = timedelta(minutes=10)
TITLE = Bilingual(ko="하나", en="One")


@pytest.mark.parametrize(
    ("before", "rings"),
    [
        (timedelta(minutes=10, milliseconds=1), False),
        (timedelta(minutes=10), True),
        (timedelta(0), True),
        (-LATE + timedelta(milliseconds=1), True),
        (-LATE, False),
    ],
)
def test_it_rings_from_ten_minutes_before_until_a_little_after(before: timedelta, rings: bool) -> None:
    profile = Profile(lessons=("mon 09:00-12:00",))

    assert (bell(profile, NINE - before, TEN_MINUTES) == NINE) == rings


def test_it_does_not_ring_in_the_holidays() -> None:
    profile = Profile(lessons=("mon 09:00-12:00",), starts=date(2026, 11, 24))

    assert bell(profile, NINE, TEN_MINUTES) is None
    assert bell(profile, NINE + timedelta(days=7), TEN_MINUTES) == NINE + timedelta(days=7)


def test_a_lesson_of_the_calendar_rings_too() -> None:
    start = (NINE + timedelta(hours=5)).astimezone(UTC)
    book = Book((), reservations=(Reservation(1, "one", "whole", 4, start, start + timedelta(hours=2)),))

    assert policy.bell_of("one", Profile(), start - TEN_MINUTES, TEN_MINUTES, book) == start
    assert policy.bell_of("two", Profile(), start - TEN_MINUTES, TEN_MINUTES, book) is None


def test_the_cohort_is_open_when_it_rings() -> None:
    cohort = Cohort(title=TITLE, hours=("mon 09:00-12:00",), lessons=("mon 09:00-12:00",))
    early = NINE - timedelta(minutes=9)

    (offer,) = policy.offers({"one": cohort}, early, user="minji", ahead=TEN_MINUTES)
    assert offer.refusal is None
    assert offer.limits.until == NINE + timedelta(hours=3)
    (offer,) = policy.offers({"one": cohort}, early, user="minji")
    assert offer.refusal is not None


class TheHub:
    """The Hub as far as the bell sees it: a group, users with their lab, and what its interface answers."""

    def __init__(self, bell: bells.Bell, monkeypatch: pytest.MonkeyPatch, answers: dict[str, int]) -> None:
        self.asked: list[tuple[str, str]] = []
        self.most = self.now = 0
        self.users = {
            name: SimpleNamespace(spawners={"": SimpleNamespace(active=False, pending=None)}) for name in answers
        }
        self.db, self.answers = None, answers
        monkeypatch.setattr(bells, "_members", lambda _db, _cohort: sorted(answers))
        monkeypatch.setattr(bells, "_STEP_SECONDS", 0.001)
        monkeypatch.setattr(bell, "_ask", self.ask)

    async def ask(self, _app: Any, cohort: str, user: str) -> tuple[int, str]:
        self.asked.append((cohort, user))
        if self.answers[user] == 202:
            lab = self.users[user].spawners[""]
            lab.active, lab.pending = True, "spawn"
            self.now += 1
            self.most = max(self.most, self.now)
            asyncio.get_running_loop().call_later(0.02, self.ready, lab)
        return self.answers[user], "no GPU"

    def ready(self, lab: Any) -> None:
        lab.pending = None
        self.now -= 1


def world(folder: Path, now: datetime) -> bells.Bell:
    cohorts = {"one": Cohort(title=TITLE, lessons=("mon 09:00-12:00",))}
    settings = Settings(academy=Academy(state=folder), cohorts=cohorts, hub=Hub())

    async def book() -> Book | None:
        return None

    return bells.Bell(settings, SimpleNamespace(now=lambda: now, book=book))


def test_a_class_is_started_a_few_at_a_time_and_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bell = world(tmp_path, NINE - timedelta(minutes=5))
    names = [f"student-{n:02}" for n in range(12)]
    hub = TheHub(bell, monkeypatch, dict.fromkeys(names, 202))
    hub.users[names[0]].spawners[""].active = True  # came early
    asyncio.run(bell.look(hub))
    hub.users[names[1]].spawners[""].active = False  # stopped it again
    asyncio.run(bell.look(hub))

    assert [user for _, user in hub.asked] == names[1:]
    assert hub.most <= bells._AT_ONCE


def test_who_got_no_gpu_yet_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bell = world(tmp_path, NINE)
    hub = TheHub(bell, monkeypatch, {"minji": 403, "junho": 202})
    asyncio.run(bell.look(hub))
    hub.answers["minji"] = 202
    asyncio.run(bell.look(hub))

    assert hub.asked == [("one", "junho"), ("one", "minji"), ("one", "minji")]


def test_nobody_is_started_at_another_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bell = world(tmp_path, NINE - timedelta(hours=1))
    hub = TheHub(bell, monkeypatch, {"minji": 202})
    asyncio.run(bell.look(hub))

    assert hub.asked == []


def test_its_token_may_start_servers_and_do_nothing_else(tmp_path: Path) -> None:
    bell, c = world(tmp_path, NINE), Config()
    c.JupyterHub.services, c.JupyterHub.load_roles = [], []
    bell.configure(c)

    assert c.JupyterHub.services == [{"name": "bell", "api_token": bell.token, "display": False}]
    assert c.JupyterHub.load_roles[0]["scopes"] == ["start:servers"]
    assert not bells.Bell(Settings(academy=Academy(state=tmp_path)), bell.calendar).rings
