"""Leases on real databases: many who ask at once, and a Hub that is killed at any instant."""

from __future__ import annotations

import multiprocessing
import random
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from bitgoeul.database import Database
from bitgoeul.errors import Conflict, InputError, NotFound
from bitgoeul.gpus import tables as t
from bitgoeul.gpus.model import Laws, Reservation, Running, Slot, Wish
from bitgoeul.gpus.store import Granted, HoursSpent, Leases, Waiting
from bitgoeul.migrations import migrate
from tests.services import gpu_hub

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIVES = {"sqlite": 14, "postgresql": 8}


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def goes(self, by: timedelta) -> None:
        self.at += by


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    found = gpu_hub.sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    database = Database(found)
    migrate(database)
    with database.writing() as connection:
        for table in (t.leases, t.reservations, t.tickets, t.use):
            connection.execute(table.delete())
    database.close()
    return found


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def leases(url, clock):
    found = Leases(Database(url), gpu_hub.SLOTS, Laws(), clock)
    yield found
    found.database.close()


def wish(user: str, kind: str = "whole", **values) -> Wish:
    return Wish(user, "", "a", kind, **values)


def test_two_get_a_device_the_third_waits_and_comes_next_when_one_is_released(leases, clock):
    first, second, third = (leases.acquire(wish(user)) for user in ("minji", "junho", "amelia"))

    assert isinstance(first, Granted) and isinstance(second, Granted)  # noqa: PT018
    assert first.lease.key != second.lease.key
    assert third == Waiting("whole", 1, HOUR)
    clock.goes(MINUTE)
    assert leases.release(first.lease.id)
    assert not leases.release(first.lease.id)
    assert [(x.user, w.place, w.expected) for x, w in leases.look("amelia")] == [("amelia", 1, timedelta(0))]
    assert isinstance(leases.acquire(wish("haneul")), Waiting)  # it is kept for amelia
    again = leases.acquire(wish("amelia"))
    assert (again.lease.key, again.lease.source) == (first.lease.key, "queue")
    assert leases.look("amelia") == []


def test_asking_again_gives_the_same_lease_and_one_that_is_ending_has_to_be_gone_first(leases):
    first = leases.acquire(wish("minji"))
    again = leases.acquire(wish("minji"))
    leases.ending(first.lease.id, "idle")

    assert (again.lease, again.new) == (first.lease, False)
    assert leases.acquire(wish("minji")) == Waiting("whole", 0, timedelta(0))
    leases.release(first.lease.id)
    assert leases.acquire(wish("minji")).new
    reasons = {lease.id: lease.reason for lease in leases.book().leases}
    assert reasons[first.lease.id] == "idle"


def test_who_shares_a_device_is_told_that_nothing_isolates_him(leases):
    found = [leases.acquire(wish(user, "shared")) for user in ("minji", "junho")]

    assert [(g.isolated, g.lease.number) for g in found] == [(False, 0), (False, 1)]


def test_spent_hours_and_unknown_kinds_are_refused_in_both_languages(leases, clock):
    first = leases.acquire(wish("minji", hours=1))
    assert first.lease.until == NOW + HOUR
    clock.goes(HOUR)
    leases.release(first.lease.id)

    with pytest.raises(HoursSpent) as spent:
        leases.acquire(wish("minji", hours=1))
    assert "1.0시간" in spent.value.text.ko
    assert "1.0 GPU hours" in spent.value.text.en
    with pytest.raises(NotFound):
        leases.acquire(wish("minji", "7g.80gb"))


def test_windows_and_idleness_are_due_again_and_again_until_the_device_is_released(leases, clock):
    idle = leases.acquire(wish("minji"))
    works = leases.acquire(wish("junho", closes=NOW + 2 * HOUR))
    for _ in range(62):
        clock.goes(MINUTE / 2)
        places = {idle.lease.key[:2]: False, works.lease.key[:2]: True}
        leases.observe(places, seconds=30)

    assert [(d.lease.id, d.reason) for d in leases.due()] == [(idle.lease.id, "idle")]
    assert [(d.lease.id, d.reason) for d in leases.due()] == [(idle.lease.id, "idle")]
    leases.release(idle.lease.id)
    clock.goes(HOUR * 1.5)
    assert {(d.lease.id, d.reason) for d in leases.due()} == {(works.lease.id, "window")}
    with leases.database.reading() as connection:
        rows = connection.execute(text("select device, sum(seen), sum(busy) from gpu_use group by device")).all()
    assert {tuple(row) for row in rows} == {("GPU-0", 1860.0, 0.0), ("GPU-1", 1860.0, 1860.0)}


def test_the_calendar_keeps_devices_for_its_cohort_cuts_others_and_gives_no_more_than_there_are(leases, clock):
    runs_long = leases.acquire(wish("minji"))
    lesson = Reservation(0, "class", "whole", 2, NOW + HOUR, NOW + 2 * HOUR, "수업", "jiho")
    made = leases.reserve(lesson)

    assert next(x for x in leases.book().leases if x.id == runs_long.lease.id).until == NOW + HOUR
    with pytest.raises(Conflict):
        leases.reserve(replace(lesson, count=1))
    with pytest.raises(InputError):
        leases.reserve(replace(lesson, ends=lesson.starts))
    clock.goes(HOUR)
    leases.release(runs_long.lease.id)
    assert isinstance(leases.acquire(wish("minji")), Waiting)
    found = leases.acquire(Wish("amelia", "", "class", "whole", hours=0.01))
    assert (found.lease.source, found.lease.reservation) == ("calendar", made.id)
    leases.cancel(made.id)
    assert isinstance(leases.acquire(wish("minji")), Granted)
    with pytest.raises(NotFound):
        leases.cancel(made.id)


def test_reconciling_frees_what_is_lost_and_takes_back_what_runs(leases, clock):
    lost, kept = leases.acquire(wish("minji")), leases.acquire(wish("junho"))
    runs = Running.of(kept.lease, "c1")
    stranger = replace(runs, lease="f" * 32, owner="amelia", container="c2")
    other = Running("e" * 32, "haneul", "a", "", "h", "GPU-2", 1, "shared", "c3")
    clock.goes(2 * MINUTE)
    plan = leases.reconcile([runs, stranger, other])

    assert (plan.lost, plan.adopt, plan.stop) == ((lost.lease.id,), (other,), (stranger,))
    active = {lease.id: lease for lease in leases.book().leases if lease.active}
    assert set(active) == {kept.lease.id, other.lease}
    leases.release(kept.lease.id)
    clock.goes(2 * MINUTE)
    leases.reconcile([runs])
    assert {lease.id for lease in leases.book().leases if lease.active} == {kept.lease.id}


def test_the_database_itself_refuses_a_second_holder(leases):
    held = leases.acquire(wish("minji"))
    with leases.database.reading() as connection:
        row = dict(connection.execute(t.leases.select().where(t.leases.c.id == held.lease.id)).mappings().one())

    with pytest.raises(IntegrityError), leases.database.writing() as connection:
        connection.execute(insert(t.leases).values({**row, "id": "x", "owner": "junho"}))


def test_a_class_that_asks_at_once_gets_each_device_once(url):
    books = [Leases(Database(url), gpu_hub.SLOTS) for _ in range(3)]  # as three Hubs, or a Hub and two tools
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda n: books[n % 3].acquire(wish(f"s{n}")), range(24)))
    granted = [g.lease.key for g in found if isinstance(g, Granted)]

    assert sorted(granted) == [("h", "GPU-0", 0), ("h", "GPU-1", 0)]
    assert min(w.place for w in found if isinstance(w, Waiting)) == 1
    for book in books:
        book.database.close()


def test_kill_9_of_the_hub_at_any_instant_lends_no_device_twice_and_loses_none(url, tell):
    """Each life is killed at a drawn instant; then the containers are compared with the rows, by the container's word."""
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    engine, draw = gpu_hub.Engine(uuid.uuid4().hex), random.Random(20261124)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.services.gpu_hub"])
    killed = most = 0
    try:
        for life in range(LIVES[kind]):
            arguments = (url, engine.mark, draw.randrange(10**9), draw.randrange(1, 220), 2.0 * life, 12)
            hub = context.Process(target=gpu_hub.hub, args=arguments)
            hub.start()
            hub.join(60)
            assert hub.exitcode in (0, -9), hub.exitcode
            killed += hub.exitcode == -9
            time.sleep(2 * gpu_hub.STARTING_SECONDS)  # what the engine was ordered comes to be
            running = [found for _, found in engine.containers()]
            most = max(most, len(running))
            _agree(running, url, life)
        _nothing_is_lost(engine, url, 2.0 * (life + 1))
    finally:
        gpu_hub.clean(engine.mark)
    tell(
        f"GPU leases, {kind}: {killed} of {life + 1} Hubs killed with SIGKILL, at most {most} devices held, none twice"
    )

    assert killed > LIVES[kind] // 2
    assert most >= 3


def _agree(running: list[Running], url: str, life: int) -> None:
    twice = [key for key, count in Counter(found.key for found in running).items() if count > 1]
    assert not twice, f"life {life}: {twice}"
    book = gpu_hub.book_of(url, 0)
    active = {lease.id: lease.key for lease in book.book().leases if lease.active}
    book.database.close()
    for found in running:
        assert active.get(found.lease) == found.key, f"life {life}: {found} runs without its lease"


def _nothing_is_lost(engine: gpu_hub.Engine, url: str, minutes: float) -> None:
    for _, found in list(engine.containers()):
        engine.end(found.lease)
    book = gpu_hub.book_of(url, minutes)
    book.reconcile([])
    for user in gpu_hub.USERS:
        book.leave(user)
    again = [book.acquire(wish(f"new-{n}", "whole" if n < 2 else "shared")) for n in range(4)]
    assert [type(found) for found in again] == [Granted] * 4
    book.database.close()


def test_a_hub_that_would_release_before_the_container_is_gone_is_caught(tmp_path):
    """The check above sees the fault that it is there for."""
    url, engine = gpu_hub.sqlite_url(tmp_path), gpu_hub.Engine(uuid.uuid4().hex)
    migrate(Database(url))
    book = gpu_hub.book_of(url, 0)
    first = book.acquire(wish("minji")).lease
    try:
        engine.start(Running.of(first))
        engine.wait_for(first.id)
        book.release(first.id)
        second = Leases(book.database, (Slot("h", "GPU-0"),)).acquire(wish("junho")).lease
        engine.start(Running.of(second))
        engine.wait_for(second.id)

        with pytest.raises(AssertionError):
            _agree([found for _, found in engine.containers()], url, 0)
    finally:
        gpu_hub.clean(engine.mark)
        book.database.close()
