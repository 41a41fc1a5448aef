"""The queue of what has to be scored, as the submissions' own rows: leases, fencing tokens, one score each.

A submission is scored at least once and has its score exactly once: a result is taken only from the holder of the newest
attempt, in the transaction that ends the submission, and a unique key allows one score a version.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, func, insert, or_, select, update

from bitgoeul.database import Database
from bitgoeul.errors import AnswerError, ScorerFailed
from bitgoeul.hackathon import rules, store
from bitgoeul.hackathon import tables as t
from bitgoeul.hackathon.scoring import Scores

POLL_SECONDS = 1.0
log = logging.getLogger(__name__)
WORKER = f"{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True)
class Leased:
    """A submission in the hands of one worker."""

    sequence: int
    attempt: int
    challenge: str
    sha256: str
    version: int


def _claimable(now: datetime) -> Select[Any]:
    """Teams with nothing under way first, then by how many of their own wait before it, then as they came."""
    s, other = t.submissions.c, t.submissions.alias()
    running = select(func.count()).where(other.c.team == s.team, other.c.state == "running", other.c.leased_until > now)
    before = select(func.count()).where(
        other.c.team == s.team, other.c.state == "received", other.c.sequence < s.sequence
    )
    waits = or_(s.state == "received", and_(s.state == "running", s.leased_until <= now))
    order = (running.scalar_subquery(), before.scalar_subquery(), s.sequence)
    return select(t.submissions).where(waits).order_by(*order).limit(1)


def claim(connection: Connection, now: datetime) -> Leased | None:
    """Take the next submission."""
    query = _claimable(now).with_for_update(skip_locked=True, of=t.submissions)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    before = store.work_of(row)
    if before.state == "running":  # its holder is gone
        _end_attempt(connection, row["sequence"], before.attempt, now, "lost")
    work = rules.claimed(before, now)
    store.set_state(connection, row, work, now)
    attempt = {"submission": row["sequence"], "number": work.attempt, "worker": WORKER, "began_at": now}
    connection.execute(insert(t.attempts).values(attempt))
    version = connection.execute(
        select(t.challenges.c.version).where(t.challenges.c.slug == row["challenge"])
    ).scalar_one()
    return Leased(row["sequence"], work.attempt, row["challenge"], row["sha256"], version)


def _end_attempt(connection: Connection, sequence: int, number: int, now: datetime, outcome: str) -> None:
    a = t.attempts.c
    mine = and_(a.submission == sequence, a.number == number)
    connection.execute(update(t.attempts).where(mine).values(ended_at=now, outcome=outcome))


def _held(connection: Connection, leased: Leased) -> RowMapping | None:
    s = t.submissions.c
    row = (
        connection.execute(select(t.submissions).where(s.sequence == leased.sequence).with_for_update())
        .mappings()
        .one()
    )
    return row if rules.holds(store.work_of(row), leased.attempt) else None


def renew(connection: Connection, leased: Leased, now: datetime) -> bool:
    """Keep the lease; False when somebody else has the submission by now."""
    if _held(connection, leased) is None:
        return False
    s = t.submissions.c
    connection.execute(
        update(t.submissions).where(s.sequence == leased.sequence).values(leased_until=now + rules.LEASE)
    )
    return True


def end_scored(connection: Connection, leased: Leased, found: Scores, now: datetime) -> bool:
    """Take scores from the holder of the newest attempt, and from nobody else."""
    row = _held(connection, leased)
    if row is None:
        return False
    store.add_score(connection, leased.sequence, leased.version, found, now)
    return _end(connection, row, rules.moved(store.work_of(row), "scored"), now)


def end_invalid(connection: Connection, leased: Leased, faults: list[dict[str, Any]], now: datetime) -> bool:
    """The file has faults, which its team may read."""
    row = _held(connection, leased)
    return row is not None and _end(connection, row, rules.moved(store.work_of(row), "invalid"), now, faults=faults)


def end_error(connection: Connection, leased: Leased, now: datetime) -> bool:
    """An error of ours: again, or given up and refunded."""
    row = _held(connection, leased)
    return row is not None and _end(connection, row, rules.after_error(store.work_of(row)), now)


def _end(connection: Connection, row: RowMapping, work: rules.Work, now: datetime, **more: Any) -> bool:
    store.set_state(connection, row, work, now, **more)
    _end_attempt(connection, row["sequence"], work.attempt, now, "error" if work.state == "received" else work.state)
    store.touch(connection, row["challenge"])
    return True


def expire(connection: Connection, now: datetime) -> int:
    """Give up uploads whose time is over; their number."""
    rows = connection.execute(select(t.submissions).where(t.submissions.c.state == "receiving")).mappings().all()
    over = [row for row in rows if now > rules.upload_ends(row["received_at"], row["size"])]
    for row in over:
        store.set_state(connection, row, rules.moved(store.work_of(row), "expired"), now)
    return len(over)


def release_leases(connection: Connection, now: datetime) -> int:
    """At the start of the only service: what was being scored when it ended may be taken at once."""
    running = t.submissions.c.state == "running"
    return connection.execute(update(t.submissions).where(running).values(leased_until=now)).rowcount


Score = Callable[[Leased], Scores]


class Scoring:
    """The workers of this process. `score` is called in a thread; what it raises decides how a submission ends."""

    def __init__(self, database: Database, score: Score, *, workers: int = 1) -> None:
        self._database, self._score = database, score
        self._ending, self._bell = threading.Event(), threading.Event()
        self._held: dict[int, Leased] = {}
        self._threads = [threading.Thread(target=self._work, name=f"scorer-{n}", daemon=True) for n in range(workers)]
        self._threads.append(threading.Thread(target=self._watch, name="scorer-leases", daemon=True))

    def start(self) -> None:
        """Begin."""
        if self._database.sqlite:
            with store.writing(self._database) as connection:
                release_leases(connection, self._database.now())
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no more and wait a moment; what runs on is done again later."""
        self._ending.set()
        self._bell.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout=5)

    def ring(self) -> None:
        """Say that there is something to score."""
        self._bell.set()

    def step(self) -> bool:
        """Score one submission; False when none waits."""
        now = self._database.now()
        with self._database.reading() as connection:
            if connection.execute(_claimable(now)).first() is None:
                return False
        with store.writing(self._database) as connection:
            leased = claim(connection, self._database.now())
        if leased is None:
            return False
        self._held[leased.sequence] = leased
        try:
            self._end(leased)
        finally:
            del self._held[leased.sequence]
        return True

    def _end(self, leased: Leased) -> None:
        found: Scores | None = None
        faults: list[dict[str, Any]] = []
        try:
            found = self._score(leased)
        except AnswerError as error:
            faults = [asdict(fault) for fault in error.faults]
        except Exception as error:  # a scorer's defect ends neither the queue nor the worker
            why = getattr(error, "__notes__", []) if isinstance(error, ScorerFailed) else ""
            log.exception("submission %s was not scored: %s", leased.sequence, why)
        with store.writing(self._database) as connection:
            now = self._database.now()
            if found is not None:
                kept = end_scored(connection, leased, found, now)
            else:
                kept = end_invalid(connection, leased, faults, now) if faults else end_error(connection, leased, now)
        if not kept:
            log.warning("submission %s: attempt %s came too late", leased.sequence, leased.attempt)

    def _work(self) -> None:
        while not self._ending.is_set():
            self._bell.clear()
            try:
                if self.step():
                    continue
            except Exception:  # the edge of this thread: it goes on, and the lease runs out
                log.exception("a scorer failed outside a submission")
            self._bell.wait(POLL_SECONDS)

    def _watch(self) -> None:
        while not self._ending.wait(rules.LEASE.total_seconds() / 3):
            try:
                with store.writing(self._database) as connection:
                    now = self._database.now()
                    expire(connection, now)
                    for leased in list(self._held.values()):
                        renew(connection, leased, now)
            except Exception:  # the edge of this thread: the next round tries again
                log.exception("leases were not renewed")
