"""Who comes next: students who wait before batches, and among equals one turn each."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text, update

from bitgoeul.database import METADATA, Database
from bitgoeul.exchange import jobs, rules
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.jobs import BATCH, INTERACTIVE
from bitgoeul.migrations import migrate
from bitgoeul.wire import SubmissionRow
from tests.services import needs, postgres

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Queue:
    """The jobs table in memory; each submission has a lane of its own unless told."""

    def __init__(self, connection) -> None:
        self.connection, self.number, self.whose = connection, 0, {}

    def ask(self, student: str, priority: int = INTERACTIVE, *, assignment: str = "", at: datetime = NOW) -> int:
        self.number += 1
        name = assignment or f"a{self.number}"
        row = SubmissionRow(
            id=str(self.number),
            sequence=self.number,
            course="ml",
            assignment=name,
            user=student,
            begun_at="",
            late_seconds=0.0,
            size=1,
            sha256="",
            release_version=1,
            state="received",
            notebooks=(),
        )
        jobs.add(self.connection, row, release_version=1, at=at, priority=priority)
        self.whose[self.number] = student
        return self.number

    def take(self, at: datetime = NOW, compute="cpu"):
        return jobs.claim(self.connection, at, compute)

    def order(self) -> str:
        """Take one after the other, each ended before the next; whose they were."""
        found = []
        while (leased := self.take()) is not None:
            found.append(self.whose[leased.submission])
            jobs.end(self.connection, leased, NOW)
        return "".join(found)


@contextmanager
def queue():
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.begin() as connection:
        yield Queue(connection)
    engine.dispose()


@pytest.mark.parametrize(
    ("own_last", "next_one", "found"),
    [
        (None, None, 0),  # nobody waits
        (None, 7, 7),  # others wait: with the first of them, and behind it by its number
        (7, 7, 8),  # my own is the first: one turn later
        (9, 3, 10),  # I have several: after my last
        (2, 7, 7),  # I had one long ago that runs still: no credit for that
        (0, None, 1),  # mine runs, and nobody waits
    ],
)
def test_a_new_job_stands_one_turn_behind_its_students_last(own_last, next_one, found):
    assert rules.turn(own_last, next_one) == found


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ("", ""),
        ("k", "k"),
        ("kkkkl", "klkkk"),  # one who hands in once is second, not fifth
        ("kkkllp", "klpklk"),
        ("klp", "klp"),  # equals in the order of asking
        ("kkkK", "kkkK"),  # a capital: asked for by a batch
        ("KLPk", "kKLP"),  # who waits for it comes before a batch that was first
        ("KKLlk", "lkKLK"),
    ],
)
def test_the_order_of_a_waiting_queue(asked, order):
    with queue() as waiting:
        for letter in asked:
            waiting.ask(letter, BATCH if letter.isupper() else INTERACTIVE)

        assert waiting.order() == order


def test_a_student_with_fifty_submissions_keeps_another_waiting_for_one_of_them():
    with queue() as waiting:
        for _ in range(50):
            waiting.ask("k")
        for _ in range(20):
            jobs.end(waiting.connection, waiting.take(), NOW)
        late = waiting.ask("l")
        first, second = waiting.take(), waiting.take()

    assert waiting.whose[first.submission] == "k"
    assert second.submission == late


def test_a_job_that_waits_for_a_sandbox_keeps_its_turn_and_holds_nobody_up():
    with queue() as waiting:
        one = waiting.ask("k")
        jobs.postpone(waiting.connection, waiting.take(), {"code": "sandbox-unavailable"}, NOW)
        waiting.ask("l")
        between = waiting.order()
        again = waiting.take(NOW + rules.LEASE)

    assert between == "l"
    assert again.submission == one


def test_work_for_a_gpu_is_taken_by_those_who_ask_for_it():
    with queue() as waiting:
        state = {"course": "ml", "assignment": "deep", "current_version": 1, "results": "now", "compute": "gpu"}
        waiting.connection.execute(t.assignment_states.insert().values(withdrawn=False, due_by_staff=False, **state))
        deep, plain = waiting.ask("k", assignment="deep"), waiting.ask("l")
        on_cpu, none, on_gpu = waiting.take(), waiting.take(), waiting.take(compute="gpu")

    assert (on_cpu.submission, none, on_gpu.submission) == (plain, None, deep)
    assert on_gpu.compute == "gpu"


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from("klpc"), st.sampled_from([INTERACTIVE, BATCH])),
        st.tuples(st.just("take"), st.just(""), st.just(0)),
        st.tuples(st.just("end"), st.just(""), st.just(0)),
    ),
    max_size=60,
)


@given(ACTS)
def test_whatever_happens_nobody_who_had_nothing_waits_for_two_of_anothers(acts):
    """Of each other student, at most one job starts before that of a student who had none; batches wait for all."""
    with queue() as waiting:
        alive: dict[int, tuple[str, int]] = {}  # waiting or running: whose, and of what priority
        begun_since: dict[int, Counter[str]] = {}  # for jobs of students who had none: who was started meanwhile
        running, started = [], set()
        for act, student, priority in acts:
            if act == "ask":
                had_none = (student, priority) not in alive.values()
                number = waiting.ask(student, priority)
                alive[number] = (student, priority)
                if had_none:
                    begun_since[number] = Counter()
            elif act == "take" and (leased := waiting.take()):
                whose, its = alive[leased.submission]
                best = min(priority for number, (_, priority) in alive.items() if number not in started)
                assert leased.priority == its == best
                started.add(leased.submission)
                running.append(leased)
                begun_since.pop(leased.submission, None)
                for number, seen in begun_since.items():
                    if alive[number][1] == its:
                        seen[whose] += 1
                        assert seen[whose] <= 1
            elif act == "end" and running:
                leased = running.pop(0)
                jobs.end(waiting.connection, leased, NOW)
                del alive[leased.submission]


@pytest.fixture
def server():
    needs.file(postgres.binary("initdb"), "postgresql")
    with postgres.server() as server:
        yield server


def test_two_services_never_hold_two_jobs_of_one_lane(server):
    """The second service cannot see what the first has not committed, and still takes nothing of its lane."""
    one, two = Database(server.url), Database(server.url)
    migrate(one)
    with one.writing() as connection:
        connection.execute(text("alter table jobs drop constraint fk_jobs_submission_submissions"))  # there are none
        waiting = Queue(connection)
        for assignment in ("same", "same", "other"):
            waiting.ask("k", assignment=assignment)
    with one.writing() as first, two.writing() as second:
        held = jobs.claim(first, NOW)
        meanwhile = jobs.claim(second, NOW)
    with one.writing() as connection:
        after = jobs.claim(connection, NOW)
        connection.execute(update(t.jobs).values(leased_until=NOW - timedelta(seconds=1)))
    with two.writing() as connection:
        taken_over = jobs.claim(connection, NOW)
    one.close()
    two.close()

    assert (held.submission, meanwhile) == (1, None)
    assert after.submission == 3
    assert (taken_over.submission, taken_over.attempt) == (1, 2)
