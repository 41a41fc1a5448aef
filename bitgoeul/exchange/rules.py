"""What is late, who sees what, and which change of state is allowed. Pure: plain data and `now` come in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bitgoeul.wire import CellVerdict, SubmissionState, Verdict

Results = Literal["now", "after-due", "on-release"]
JobState = Literal["queued", "running", "done", "failed"]
SLOWEST_LINK = 256_000  # bytes a second that a slow school line still gives one pupil
GRAIN = timedelta(microseconds=1)
MOST_FAILURES = 3
LEASE = timedelta(seconds=30)
SOON = timedelta(seconds=2)
# Codes of problems that end by themselves: the job waits for graders, and the student may know for what.
WAITING = frozenset({"sandbox-unavailable", "no-gpu", "graders-away"})


def effective_due(due: datetime | None, extension: datetime | None) -> datetime | None:
    """The moment from which one student's work is late. An extension never makes it earlier."""
    if due is None or extension is None:
        return due
    return max(due, extension)


def late_seconds(begun_at: datetime, due: datetime | None) -> float:
    """How late an upload that began then is; 0.0 means in time.

    The due moment itself is late (`begun_at < due` is in time), by one grain of the clock.
    """
    if due is None or begun_at < due:
        return 0.0
    return max(begun_at - due, GRAIN).total_seconds()


def time_allowed(size: int, grace: timedelta) -> timedelta:
    """How long an upload may take, or be interrupted and tried again, and still count from its first beginning."""
    return max(grace, timedelta(seconds=size / SLOWEST_LINK))


def counted_beginning(first_begun: datetime, now: datetime, size: int, grace: timedelta) -> datetime:
    """When an upload that ends (or begins again) now counts as begun; never later than now."""
    in_time = now - first_begun <= time_allowed(size, grace)
    return min(first_begun, now) if in_time else now


def shows_hidden(results: Results, *, now: datetime, due: datetime | None, released: bool) -> bool:
    """Whether a student may see what the hidden tests said. Staff always may; a release always shows."""
    if results == "now" or released:
        return True
    return results == "after-due" and due is not None and now >= due


def for_student(verdict: Verdict, *, hidden: bool) -> Verdict:
    """The verdict as its owner may see it.

    Without `hidden`, cells with hidden tests lose score and message, and the totals count visible cells
    only: a total over all would tell the hidden ones. Flags and doubts are a note from the grader to staff.
    """
    if hidden:
        return replace(verdict, flags=(), doubts={})
    cells = {name: _blank(cell) if cell.hidden else cell for name, cell in verdict.cells.items()}
    seen = [cell for cell in cells.values() if not cell.hidden]
    return replace(
        verdict,
        flags=(),
        doubts={},
        cells=cells,
        score=sum(cell.score for cell in seen),
        max_score=sum(cell.max_score for cell in seen),
    )


def _blank(cell: CellVerdict) -> CellVerdict:
    return CellVerdict(score=0.0, max_score=cell.max_score, outcome="not_run", hidden=True)


def state_after(verdict: Verdict) -> SubmissionState:
    """A submission's state once it has this verdict."""
    waits = any(cell.outcome == "manual" for cell in verdict.cells.values())
    return "needs-manual" if waits else "graded"


def may_read_submission(*, asker: str, owner: str, staff: bool) -> bool:
    """A submission is its owner's and the course's staff's; to everybody else it does not exist."""
    return staff or asker == owner


@dataclass(frozen=True)
class Job:
    """What decides whether a job may be taken, kept or ended.

    `attempt` is the fencing token: it grows with each claim, and only the newest holder's result counts.
    `failures` counts attempts that raised; one that was cut off (a crash, a restart) is not the job's fault.
    """

    state: JobState
    attempt: int
    failures: int = 0
    leased_until: datetime | None = None
    not_before: datetime | None = None


def expected_end(*, began: datetime, now: datetime, ended: int, left: int) -> datetime | None:
    """When what is left may be over, at the rate so far; nothing to say before the first has ended."""
    if ended <= 0 or left <= 0:
        return None
    return now + max(now - began, timedelta()) / ended * left


def claimable(job: Job, now: datetime) -> bool:
    """Whether a worker may take the job: it waits, or its holder's lease ran out."""
    if job.state == "queued":
        return job.not_before is None or job.not_before <= now
    return job.state == "running" and job.leased_until is not None and job.leased_until <= now


def claimed(job: Job, now: datetime) -> Job:
    """The job as its new holder has it."""
    return Job("running", job.attempt + 1, job.failures, leased_until=now + LEASE)


def holds(job: Job, attempt: int) -> bool:
    """Whether the holder of that attempt may still renew the lease or give a result."""
    return job.state == "running" and job.attempt == attempt


def after_failure(job: Job, now: datetime) -> Job:
    """The job after an attempt that raised: again after a while, and at last given up."""
    failures = job.failures + 1
    if failures >= MOST_FAILURES:
        return Job("failed", job.attempt, failures)
    return Job("queued", job.attempt, failures, not_before=now + timedelta(seconds=2**failures))


def postponed(job: Job, now: datetime, wait: timedelta = LEASE) -> Job:
    """The job while nothing can judge it at all (no sandbox, no GPU): it waits, and nothing counts against it."""
    return Job("queued", job.attempt, job.failures, not_before=now + wait)


def turn(own_last: int | None, next_one: int | None) -> int:
    """The place of a new job among those that wait; jobs of the lowest turn go first, and of one turn in their order.

    `own_last` is the student's last turn that waits or runs, `next_one` the lowest that waits. So each student's
    jobs stand one turn apart, and whoever hands in once goes before everybody else's second: start-time fair
    queueing (Goyal, Vin, Cheng: SIGCOMM 1996) with jobs of equal length. A turn of the past gives no credit.
    """
    after_own = 0 if own_last is None else own_last + 1
    return max(after_own, next_one or 0)
