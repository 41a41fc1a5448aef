"""The queue of what graders have to do, as a table: leases, fencing tokens, verdicts that only grow in number.

A job is run at least once and has its effect exactly once: a result is taken only from the holder of the
newest attempt, in the transaction that ends the job, and a unique key allows one verdict a job.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from bitgoeul.exchange import rules
from bitgoeul.exchange import tables as t
from bitgoeul.wire import Compute, Receipt, SubmissionRow, Verdict, read, stamp, write

Kind = Literal["grade", "preview", "apply", "feedback"]
INTERACTIVE, BATCH = 0, 1
_NOW = bindparam("its_now", type_=t.Moment())
_ADD = insert(t.jobs)


@dataclass(frozen=True)
class Leased:
    """A job in the hands of one worker."""

    id: int
    attempt: int
    kind: Kind
    submission: int
    release_version: int
    asked_by: str
    compute: Compute = "cpu"
    priority: int = INTERACTIVE


@dataclass(frozen=True)
class Progress:
    """How far a batch, or all of an assignment's jobs, are.

    `under_way` counts the jobs of the batches that are not over, `ended` those of them that are; from their rate
    comes the expected end.
    """

    queued: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    under_way: int = 0
    ended: int = 0
    expected_end: str | None = None

    @property
    def total(self) -> int:
        """All of them."""
        return self.queued + self.running + self.done + self.failed


def new_batch() -> str:
    """An id for jobs that are asked for together."""
    return str(uuid.uuid4())


def add(
    connection: Connection,
    submission: Receipt | SubmissionRow,
    *,
    release_version: int,
    at: datetime,
    kind: Kind = "grade",
    priority: int = INTERACTIVE,
    batch: str = "",
    asked_by: str = "",
) -> None:
    """Queue one job, at the student's fair place."""
    compute = _compute(connection, submission) if kind in ("grade", "preview") else "cpu"
    its = {"its_student": submission.user, "its_compute": compute, "its_priority": priority, "its_now": at}
    own_last, next_one = connection.execute(_TURNS, its).one()
    row = {
        "kind": kind,
        "batch": batch or new_batch(),
        "lane": f"{submission.course}/{submission.assignment}/{submission.user}",
        "student": submission.user,
        "submission": submission.sequence,
        "release_version": release_version,
        "compute": compute,
        "priority": priority,
        "turn": rules.turn(own_last, next_one),
        "asked_by": asked_by or submission.user,
        "state": "queued",
        "attempt": 0,
        "failures": 0,
        "queued_at": at,
    }
    connection.execute(_ADD, row)


def _compute(connection: Connection, submission: Receipt | SubmissionRow) -> Compute:
    its = {"its_course": submission.course, "its_assignment": submission.assignment}
    return "gpu" if connection.execute(_COMPUTE, its).scalar() == "gpu" else "cpu"


def add_batch(
    connection: Connection,
    rows: Iterable[SubmissionRow],
    *,
    kind: Kind,
    release_version: int,
    at: datetime,
    batch: str,
    asked_by: str,
) -> int:
    """Queue a job for each submission that has none of its kind waiting; their number."""
    j = t.jobs.c
    queued = 0
    for row in rows:
        waiting = select(j.id).where(j.submission == row.sequence, j.kind == kind, j.state == "queued")
        if connection.execute(waiting.limit(1)).first() is None:
            version = release_version or row.release_version
            add(
                connection,
                row,
                release_version=version,
                at=at,
                kind=kind,
                priority=BATCH,
                batch=batch,
                asked_by=asked_by,
            )
            queued += 1
    return queued


def _claimable() -> Select[Any]:
    """Students who wait first, then by their turns and in the order of asking; of each lane one at a time."""
    j = t.jobs.c
    lost = and_(j.state == "running", j.leased_until <= _NOW)
    mine = j.compute == bindparam("its_compute")
    query = select(t.jobs).where(mine, or_(_waits(j), lost), not_(_busy(j.lane).exists()))
    return query.order_by(j.priority, j.turn, j.id).limit(1)


def _waits(j: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    return and_(j.state == "queued", or_(j.not_before.is_(None), j.not_before <= _NOW))


def _busy(lane: ColumnElement[str]) -> Select[Any]:
    other = t.jobs.alias()
    return select(other.c.id).where(other.c.lane == lane, other.c.state == "running", other.c.leased_until > _NOW)


def _turns() -> Select[Any]:
    """What decides a new job's turn: the student's last that is not over, and the lowest that waits."""
    j = t.jobs.c
    alike = and_(j.compute == bindparam("its_compute"), j.priority == bindparam("its_priority"))
    own = select(func.max(j.turn)).where(
        alike, j.student == bindparam("its_student"), j.state.in_(("queued", "running"))
    )
    lowest = select(func.min(j.turn)).where(alike, _waits(j))
    return select(own.scalar_subquery(), lowest.scalar_subquery())


# Made once: building a statement costs more than running it, and these run for every job.
_TURNS = _turns()
_COMPUTE = select(t.assignment_states.c.compute).where(
    t.assignment_states.c.course == bindparam("its_course"),
    t.assignment_states.c.assignment == bindparam("its_assignment"),
)
_CLAIMABLE = _claimable()
_LANE_IS_BUSY = _busy(bindparam("its_lane"))
_CLAIMING_LANE = select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("its_lane"), 0)))
_CLAIM = _CLAIMABLE.with_for_update(skip_locked=True)
_HELD = select(t.jobs).where(t.jobs.c.id == bindparam("its_id")).with_for_update()
_SAVE = update(t.jobs).where(t.jobs.c.id == bindparam("its_id"))
_ADD_VERDICT = insert(t.verdicts)
_STATE = update(t.submission_states).where(t.submission_states.c.submission == bindparam("its_submission"))
_FIRST_STATE = _STATE.where(t.submission_states.c.verdict.is_(None))


def anything_to_claim(connection: Connection, now: datetime, compute: Compute = "cpu") -> bool:
    """Whether `claim` would find a job: a glance that writes nothing and waits for nobody."""
    return connection.execute(_CLAIMABLE, {"its_now": now, "its_compute": compute}).first() is not None


def claim(connection: Connection, now: datetime, compute: Compute = "cpu") -> Leased | None:
    """Take the next job; a submission without a verdict then shows that it is being graded."""
    row = connection.execute(_CLAIM, {"its_now": now, "its_compute": compute}).mappings().one_or_none()
    if row is None or not _lane_is_mine(connection, row["lane"], now):
        return None
    job = rules.claimed(_job(row), now)
    _save(connection, row["id"], job)
    if row["kind"] == "grade":
        connection.execute(_FIRST_STATE, {"its_submission": row["submission"], "state": "grading"})
    names = ("id", "kind", "submission", "release_version", "asked_by", "compute", "priority")
    return Leased(attempt=job.attempt, **{name: row[name] for name in names})


def _lane_is_mine(connection: Connection, lane: str, now: datetime) -> bool:
    """Keep two services from taking two jobs of one lane at the same moment, which neither would see.

    SQLite has one writer, so there it cannot happen. The lock ends with the transaction and is never waited for.
    """
    if connection.dialect.name == "sqlite":
        return True
    if not connection.execute(_CLAIMING_LANE, {"its_lane": lane}).scalar_one():
        return False
    return connection.execute(_LANE_IS_BUSY, {"its_lane": lane, "its_now": now}).first() is None


def _job(row: RowMapping) -> rules.Job:
    return rules.Job(row["state"], row["attempt"], row["failures"], row["leased_until"], row["not_before"])


def _save(connection: Connection, job_id: int, job: rules.Job, **more: Any) -> None:
    values = {name: getattr(job, name) for name in rules.Job.__dataclass_fields__}
    connection.execute(_SAVE, {"its_id": job_id, **values, **more})


def _held(connection: Connection, leased: Leased) -> rules.Job | None:
    """The job, if this holder still has it."""
    row = connection.execute(_HELD, {"its_id": leased.id}).mappings().one()
    job = _job(row)
    return job if rules.holds(job, leased.attempt) else None


def renew(connection: Connection, leased: Leased, now: datetime) -> bool:
    """Keep the lease; False when somebody else has the job by now."""
    if _held(connection, leased) is None:
        return False
    connection.execute(_SAVE, {"its_id": leased.id, "leased_until": now + rules.LEASE})
    return True


def end(connection: Connection, leased: Leased, now: datetime) -> bool:
    """End a job well; False (and no change) when somebody else has it by now."""
    job = _held(connection, leased)
    if job is None:
        return False
    _save(connection, leased.id, rules.Job("done", job.attempt, job.failures), ended_at=now)
    return True


def end_with_verdict(connection: Connection, leased: Leased, verdict: Verdict, now: datetime) -> bool:
    """Take a verdict from the holder of the newest attempt, and from nobody else."""
    if not end(connection, leased, now):
        return False
    row = {
        "submission": leased.submission,
        "job": leased.id,
        "attempt": leased.attempt,
        "release_version": leased.release_version,
        "verdict": write(verdict).decode(),
        "made_at": now,
    }
    added = connection.execute(_ADD_VERDICT, row).inserted_primary_key
    if leased.kind != "preview":
        _set_current(connection, leased, added[0] if added else None, verdict)
    return True


def end_with_current(connection: Connection, leased: Leased, verdict_id: int, verdict: Verdict, now: datetime) -> bool:
    """Let a verdict that was previewed count from now on."""
    if not end(connection, leased, now):
        return False
    _set_current(connection, leased, verdict_id, verdict)
    return True


def _set_current(connection: Connection, leased: Leased, verdict_id: int | None, verdict: Verdict) -> None:
    current = {"state": rules.state_after(verdict), "verdict": verdict_id}
    connection.execute(_STATE, {"its_submission": leased.submission, **current})


def fail(connection: Connection, leased: Leased, problem: dict[str, str], now: datetime) -> bool:
    """Give a job up; the submission stays as it is, and says so if it never had a verdict."""
    job = _held(connection, leased)
    if job is None:
        return False
    _give_up(connection, leased, rules.Job("failed", job.attempt, job.failures + 1), problem, now)
    return True


def retry(connection: Connection, leased: Leased, problem: dict[str, str], now: datetime) -> bool:
    """After an attempt that raised: again later, or given up; True when it will be tried again."""
    job = _held(connection, leased)
    if job is None:
        return True
    after = rules.after_failure(job, now)
    if after.state == "failed":
        _give_up(connection, leased, after, problem, now)
        return False
    _save(connection, leased.id, after, problem=problem)
    return True


def postpone(
    connection: Connection, leased: Leased, problem: dict[str, str], now: datetime, wait: timedelta = rules.LEASE
) -> None:
    """Nothing can judge it at the moment: wait, whatever the number of times."""
    job = _held(connection, leased)
    if job is not None:
        _save(connection, leased.id, rules.postponed(job, now, wait), problem=problem)


def _give_up(connection: Connection, leased: Leased, job: rules.Job, problem: dict[str, str], now: datetime) -> None:
    _save(connection, leased.id, job, problem=problem, ended_at=now)
    if leased.kind == "grade":
        connection.execute(_FIRST_STATE, {"its_submission": leased.submission, "state": "failed"})


def release_leases(connection: Connection) -> int:
    """At the start of the only service: what was running when it ended waits again."""
    running = t.jobs.c.state == "running"
    return connection.execute(update(t.jobs).where(running).values(state="queued", leased_until=None)).rowcount


def progress(
    connection: Connection,
    *,
    course: str,
    assignment: str | None = None,
    batch: str | None = None,
    now: datetime | None = None,
) -> Progress:
    """Count the jobs of a course, an assignment, or one batch of either; with `now`, say when it may be over."""
    j, s = t.jobs.c, t.submissions.c
    query = select(j.state, func.count().label("number"), func.min(j.queued_at).label("began"))
    query = query.join_from(t.jobs, t.submissions, s.sequence == j.submission).where(s.course == course)
    for column, value in ((s.assignment, assignment), (j.batch, batch)):
        query = query if value is None else query.where(column == value)
    counts = {row.state: row.number for row in connection.execute(query.group_by(j.state))}
    if now is None or not counts.keys() & {"queued", "running"}:
        return Progress(**counts)
    open_batches = query.where(j.state.in_(("queued", "running"))).with_only_columns(j.batch).correlate(None)
    rows = connection.execute(query.where(j.batch.in_(open_batches)).group_by(j.state)).all()
    left = sum(row.number for row in rows if row.state in ("queued", "running"))
    ended = sum(row.number for row in rows) - left
    end = rules.expected_end(began=min(row.began for row in rows), now=now, ended=ended, left=left)
    return Progress(**counts, under_way=left + ended, ended=ended, expected_end=stamp(end) if end else None)


def previewed(connection: Connection, submission: int, release_version: int) -> tuple[int, Verdict]:
    """The id and the verdict that applying makes current: the newest preview by this release."""
    v, j = t.verdicts.c, t.jobs.c
    asked = (
        select(v.id, v.verdict)
        .join_from(t.verdicts, t.jobs, j.id == v.job)
        .where(v.submission == submission, v.release_version == release_version, j.kind == "preview")
    )
    row = connection.execute(asked.order_by(v.id.desc()).limit(1)).one()
    return row.id, read(Verdict, row.verdict)


def problem_of(connection: Connection, submission: int) -> dict[str, str] | None:
    """Why the newest job of a submission ended without a result, or what it waits for; for people."""
    j = t.jobs.c
    query = select(j.state, j.problem).where(j.submission == submission).order_by(j.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None or not row.problem:
        return None
    waits = row.state == "queued" and row.problem.get("code") in rules.WAITING
    return row.problem if row.state == "failed" or waits else None
