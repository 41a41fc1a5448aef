"""Judging again without surprise: new verdicts wait beside the old ones until staff apply or drop them.

A preview is a job like any other; its verdict is kept and changes nothing. What waits is every submission's
newest preview since the last time that staff applied or dropped, which the audit tells. Applying queues a job
for each, so that the gradebook is written by whoever writes it always, one job a student at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from bitgoeul.errors import Conflict, NotFound
from bitgoeul.exchange import jobs, store
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.core import Core
from bitgoeul.names import AssignmentName, CourseName
from bitgoeul.web.auth import Caller
from bitgoeul.wire import SubmissionRow, Verdict, read


@dataclass(frozen=True)
class Change:
    """One student's work judged anew. `after` is missing while it is judged, or when it could not be (`failed`)."""

    row: SubmissionRow
    before: Verdict
    after: Verdict | None
    failed: bool
    job: int

    @property
    def difference(self) -> float:
        """The points that applying it gives; below zero, takes."""
        return self.after.score - self.before.score if self.after else 0.0

    @property
    def changes(self) -> bool:
        """Whether anything about scores would be another."""
        return self.after is not None and _scores(self.after) != _scores(self.before)


@dataclass(frozen=True)
class Preview:
    """What waits to be applied or dropped. `version` is the release it was judged by."""

    version: int
    all: tuple[Change, ...]

    @property
    def open(self) -> int:
        """How many are still being judged."""
        return sum(change.after is None and not change.failed for change in self.all)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Those whose scores would change; whom it takes most from first."""
        found = [change for change in self.all if change.changes]
        return tuple(sorted(found, key=lambda change: (change.difference, change.row.user)))

    @property
    def failed(self) -> tuple[Change, ...]:
        """Those that could not be judged: they keep what they have."""
        return tuple(change for change in self.all if change.failed)

    @property
    def sum(self) -> float:
        """All points that applying gives, less those it takes."""
        return sum(change.difference for change in self.all)

    def plain(self) -> dict[str, Any]:
        """For programs."""
        rows = [
            {
                "user": change.row.user,
                "submission": change.row.id,
                "before": change.before.score,
                "after": change.after.score if change.after else None,
                "max_score": change.after.max_score if change.after else change.before.max_score,
            }
            for change in self.changes
        ]
        some = {"version": self.version, "judged": len(self.all), "open": self.open}
        return {**some, "failed": [change.row.user for change in self.failed], "changes": rows, "sum": self.sum}


@dataclass(frozen=True)
class Judgement:
    """One verdict of a submission's history. `counts` is true for the one that counts."""

    id: int
    submission: int
    made_at: datetime
    verdict: Verdict
    kind: str
    counts: bool


class Regrading:
    """The questions about judging again; each carries its caller, as `Exchange` has it."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def preview(self, caller: Caller, course: CourseName, assignment: AssignmentName) -> Preview | None:
        """What waits to be applied or dropped, if anything does."""
        caller.require_staff(course)
        with self._core.database.reading() as connection:
            return waiting(connection, course, assignment)

    def apply(self, caller: Caller, course: CourseName, assignment: AssignmentName) -> tuple[str, int]:
        """Make the previewed verdicts those that count; the batch, and how many."""
        batch, now = jobs.new_batch(), self._core.clock.now()

        def write(connection: Connection) -> int:
            found = self._decide(connection, caller, course, assignment, "apply", batch)
            rows = [change.row for change in found.all if change.after]
            return jobs.add_batch(
                connection,
                rows,
                kind="apply",
                release_version=found.version,
                at=now,
                batch=batch,
                asked_by=caller.user,
            )

        caller.require_staff(course)
        queued = self._core.writer.run(write)
        self._core.marking.ring()
        return batch, queued

    def drop(self, caller: Caller, course: CourseName, assignment: AssignmentName) -> None:
        """Leave everything as it is; the verdicts stay in the history."""
        caller.require_staff(course)
        self._core.writer.run(lambda connection: self._decide(connection, caller, course, assignment, "drop", ""))

    def _decide(
        self,
        connection: Connection,
        caller: Caller,
        course: CourseName,
        assignment: AssignmentName,
        what: str,
        batch: str,
    ) -> Preview:
        found = waiting(connection, course, assignment)
        if found is None:
            raise NotFound(
                ko="적용하거나 버릴 미리 채점이 없습니다. 다른 사람이 먼저 결정했을 수 있으니 과제 화면을 새로 여세요.",
                en="No preview waits to be applied or dropped. Somebody may have decided first: open the assignment anew.",
            )
        if what == "apply" and found.open:
            raise Conflict(
                ko=f"아직 {found.open}개를 미리 채점하고 있습니다. 모두 끝난 뒤에 적용하세요.",
                en=f"{found.open} are still being judged. Apply when all are done.",
            )
        detail = {"up_to": max(change.job for change in found.all), "batch": batch}
        detail |= {"judged": len(found.all), "changed": len(found.changes), "sum": found.sum}
        now, who = self._core.clock.now(), caller.user
        store.audit(connection, at=now, actor=who, action=what, course=course, assignment=assignment, detail=detail)
        return found

    def decide(self, caller: Caller, row: SubmissionRow, cell: str, decision: store.Decision) -> None:
        """Note what a person decided about the points of a cell; the gradebook is the portal's to write."""
        caller.require_staff(CourseName(row.course))
        detail: dict[str, Any] = {"submission": row.id, "user": row.user, "cell": cell}
        detail |= {"points": decision.points, "before": decision.before}
        what = {"actor": caller.user, "action": decision.action, "course": row.course, "assignment": row.assignment}
        self._core.writer.run(lambda connection: store.audit(connection, at=decision.at, detail=detail, **what))

    def history(self, caller: Caller, course: CourseName, rows: Sequence[SubmissionRow]) -> list[Judgement]:
        """All verdicts of these submissions of a course, the newest first."""
        caller.require_staff(course)
        sequences = [row.sequence for row in rows if row.course == course]
        with self._core.database.reading() as connection:
            return history(connection, t.verdicts.c.submission.in_(sequences))

    def judgement(self, caller: Caller, course: CourseName, verdict_id: int) -> Judgement:
        """One verdict of a course's history."""
        caller.require_staff(course)
        with self._core.database.reading() as connection:
            found = history(connection, t.verdicts.c.id == verdict_id, t.submissions.c.course == course)
        if not found:
            raise store.no_submission()
        return found[0]


def history(connection: Connection, *where: Any) -> list[Judgement]:
    """Verdicts, the newest first."""
    v, j, states = t.verdicts.c, t.jobs.c, t.submission_states.c
    asked = (
        select(v.id, v.submission, v.made_at, v.verdict, j.kind, states.verdict.label("current"))
        .join_from(t.verdicts, t.jobs, j.id == v.job)
        .join(t.submission_states, states.submission == v.submission)
        .join(t.submissions, t.submissions.c.sequence == v.submission)
        .where(*where)
        .order_by(v.id.desc())
    )
    return [
        Judgement(row.id, row.submission, row.made_at, _verdict(row.verdict), row.kind, row.id == row.current)
        for row in connection.execute(asked)
    ]


def split(
    rows: Iterable[SubmissionRow], verdicts: dict[int, Verdict], *, version: int, preview: bool
) -> tuple[list[SubmissionRow], list[SubmissionRow]]:
    """Which submissions to judge aside, and which at once: those have no verdict that could change."""
    aside: list[SubmissionRow] = []
    at_once: list[SubmissionRow] = []
    for row in rows:
        verdict = verdicts.get(row.sequence)
        older = verdict is not None and (verdict.release_version or row.release_version) < version
        (aside if verdict is not None and (preview or older) else at_once).append(row)
    return aside, at_once


def waiting(connection: Connection, course: str, assignment: str) -> Preview | None:
    """The newest preview of everybody's newest submission since staff last decided."""
    jobs_since = connection.execute(_previews(course, assignment, _decided_up_to(connection, course, assignment))).all()
    if not jobs_since:
        return None  # as nearly always: pages ask every few seconds
    rows = {row.sequence: row for row in _newest(connection, course, assignment)}
    found = {row.submission: row for row in jobs_since if row.submission in rows}
    current = store.current_verdicts(connection, list(found))
    changes = tuple(
        Change(
            row=rows[sequence],
            before=current[sequence],
            after=_verdict(row.verdict) if row.verdict else None,
            failed=row.state == "failed",
            job=row.id,
        )
        for sequence, row in found.items()
        if sequence in current
    )
    version = max((row.release_version for row in found.values()), default=0)
    return Preview(version, changes) if changes else None


def _newest(connection: Connection, course: str, assignment: str) -> list[SubmissionRow]:
    return store.submission_rows(connection, course=course, assignment=assignment, latest=True)


def _previews(course: str, assignment: str, after: int) -> Select[Any]:
    """Preview jobs in their order, with the verdict of each that is done."""
    j, s, v = t.jobs.c, t.submissions.c, t.verdicts.c
    return (
        select(j.id, j.submission, j.state, j.release_version, v.verdict)
        .join_from(t.jobs, t.submissions, s.sequence == j.submission)
        .outerjoin(t.verdicts, v.job == j.id)
        .where(s.course == course, s.assignment == assignment, j.kind == "preview", j.id > after)
        .order_by(j.id)
    )


def _decided_up_to(connection: Connection, course: str, assignment: str) -> int:
    a = t.audit.c
    newest = select(func.max(a.id)).where(
        a.course == course, a.assignment == assignment, a.action.in_(("apply", "drop"))
    )
    row = connection.execute(select(a.detail).where(a.id == newest.scalar_subquery())).one_or_none()
    return int(row.detail["up_to"]) if row else 0


def _verdict(text: str) -> Verdict:
    return read(Verdict, json.loads(text))


def _scores(verdict: Verdict) -> tuple[Any, ...]:
    return verdict.score, verdict.max_score, {name: (c.score, c.max_score) for name, c in verdict.cells.items()}
