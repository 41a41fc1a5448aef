"""Rows of releases, due dates and submissions: what is asked of them, and the plain changes.

Functions take a connection, so that the caller decides the transaction. The write path of a submission is
in `intake`, the queue in `marking`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, Select, Table, and_, bindparam, func, insert, select, update

from bitgoeul.errors import NotFound
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.rules import Results, effective_due, late_seconds
from bitgoeul.settings import Level
from bitgoeul.wire import Receipt, ReleaseRow, SubmissionRow, Verdict, read, stamp


@dataclass(frozen=True)
class Release:
    """One immutable version of an assignment. `parts` names the bundle of each `release/ko`, `source/ko`, ..."""

    course: str
    assignment: str
    version: int
    digest: str
    title_ko: str
    title_en: str
    notebooks: tuple[str, ...]
    max_score: float
    parts: dict[str, dict[str, Any]]
    released_at: datetime
    released_by: str

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that students can get; Korean first."""
        return tuple(sorted((p[8:] for p in self.parts if p.startswith("release/")), key="ko en".find))


@dataclass(frozen=True)
class State:
    """What staff decided about an assignment."""

    current_version: int
    withdrawn: bool
    due: datetime | None
    due_by_staff: bool
    results: Results
    results_released_at: datetime | None
    minimum_level: Level | Literal[""] = ""


@dataclass(frozen=True)
class Stored:
    """A submission as it lies in the table, with the receipt that was given for it."""

    receipt: Receipt
    idempotency_key: str
    release_version: int
    notebooks: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """What a person decided about doubted points: `accept`, `reject`, or `reopen` to take it back.

    `points` were at stake; `before` is what the gradebook had by hand before they were given.
    """

    action: str
    by: str
    at: datetime
    points: float
    before: float | None = None


def upsert(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Set values on the row with this key; make it when it is not there. Writers run one at a time."""
    where = and_(*(table.c[name] == value for name, value in key.items()))
    if connection.execute(update(table).where(where).values(**values)).rowcount == 0:
        connection.execute(insert(table).values(**key, **values))


def audit(
    connection: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    course: str,
    assignment: str,
    detail: Mapping[str, Any],
) -> None:
    """Note what a member of staff did."""
    row = {"at": at, "actor": actor, "action": action, "course": course, "assignment": assignment}
    connection.execute(insert(t.audit).values(**row, detail=dict(detail)))


def decisions(connection: Connection, course: str, assignment: str) -> dict[tuple[str, str], Decision]:
    """The decisions that stand, by submission id and cell; the audit has them all."""
    a = t.audit.c
    asked = select(t.audit).where(
        a.course == course, a.assignment == assignment, a.action.in_(("accept", "reject", "reopen"))
    )
    found: dict[tuple[str, str], Decision] = {}
    for row in connection.execute(asked.order_by(a.id)):
        said = row.detail
        key = said["submission"], said["cell"]
        found[key] = Decision(row.action, row.actor, row.at, said["points"], said["before"])
    return {key: decision for key, decision in found.items() if decision.action != "reopen"}


def no_such(course: str, assignment: str) -> NotFound:
    """The one sentence for an assignment that the asker cannot see."""
    return NotFound(
        ko=f"{course} 강좌에 공개된 과제 {assignment}이(가) 없습니다. 과제 목록을 새로 고쳐 보세요.",
        en=f"There is no released assignment {assignment} in {course}. Refresh the list of assignments.",
    )


def no_submission() -> NotFound:
    """The one sentence for a submission that is not there, or that is none of the asker's business."""
    return NotFound(
        ko="그런 제출물이 없거나 볼 수 있는 권한이 없습니다. 제출 목록에서 다시 골라 주세요.",
        en="There is no such submission, or you may not see it. Choose one from your list.",
    )


# --- assignments -------------------------------------------------------------------------------------------


def find_state(connection: Connection, course: str, assignment: str) -> State | None:
    """The assignment's state; None before its first release."""
    s = t.assignment_states.c
    query = select(t.assignment_states).where(s.course == course, s.assignment == assignment)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _state(row)


def _state(row: RowMapping) -> State:
    names = ("current_version", "withdrawn", "due", "due_by_staff", "results", "results_released_at", "minimum_level")
    return State(**{name: row[name] for name in names})


def find_release(connection: Connection, course: str, assignment: str, version: int) -> Release | None:
    """One version, if there is one."""
    r = t.releases.c
    query = select(t.releases).where(r.course == course, r.assignment == assignment, r.version == version)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _release(row)


def _release(row: RowMapping) -> Release:
    values = {name: row[name] for name in Release.__dataclass_fields__}
    return Release(**{**values, "notebooks": tuple(values["notebooks"])})


_DUE = (
    select(t.assignment_states.c.due, t.extensions.c.due.label("extension"))
    .outerjoin(
        t.extensions,
        and_(
            t.extensions.c.course == t.assignment_states.c.course,
            t.extensions.c.assignment == t.assignment_states.c.assignment,
            t.extensions.c.user_name == bindparam("its_user"),
        ),
    )
    .where(
        t.assignment_states.c.course == bindparam("its_course"),
        t.assignment_states.c.assignment == bindparam("its_assignment"),
    )
)


def due_for(connection: Connection, course: str, assignment: str, user: str) -> datetime | None:
    """When it is due for this student, his extension counted."""
    asked = {"its_course": course, "its_assignment": assignment, "its_user": user}
    row = connection.execute(_DUE, asked).one_or_none()
    return None if row is None else effective_due(row.due, row.extension)


def extensions_of(connection: Connection, course: str, assignment: str) -> dict[str, datetime]:
    """The extensions that stand, by student."""
    e = t.extensions.c
    query = select(e.user_name, e.due).where(e.course == course, e.assignment == assignment, e.due.is_not(None))
    return {row.user_name: row.due for row in connection.execute(query.order_by(e.user_name))}


def _releases_query() -> Select[Any]:
    s, r, e = t.assignment_states.c, t.releases.c, t.extensions.c
    current = and_(r.course == s.course, r.assignment == s.assignment, r.version == s.current_version)
    mine = and_(e.course == s.course, e.assignment == s.assignment, e.user_name == bindparam("its_user"))
    return (
        select(t.releases, s.withdrawn, s.due, e.due.label("extension"))
        .join_from(t.assignment_states, t.releases, current)
        .outerjoin(t.extensions, mine)
        .where(s.course == bindparam("its_course"))
        .order_by(s.assignment)
    )


_RELEASES = _releases_query()


def release_rows(connection: Connection, course: str, user: str, *, withdrawn: bool) -> list[ReleaseRow]:
    """The course's assignments as this user may see them, by name; withdrawn ones on demand."""
    rows = connection.execute(_RELEASES, {"its_course": course, "its_user": user}).mappings()
    return [_release_row(row) for row in rows if withdrawn or not row["withdrawn"]]


def _release_row(row: RowMapping) -> ReleaseRow:
    release = _release(row)
    due = effective_due(row["due"], row["extension"])
    return ReleaseRow(
        course=release.course,
        assignment=release.assignment,
        title_ko=release.title_ko,
        title_en=release.title_en,
        version=release.version,
        released_at=stamp(release.released_at),
        due=stamp(due) if due else None,
        extended=due != row["due"],
        languages=release.languages,
        notebooks=release.notebooks,
        max_score=release.max_score,
        size=max(part["size"] for name, part in release.parts.items() if name.startswith("release/")),
        withdrawn=bool(row["withdrawn"]),
    )


# --- submissions -------------------------------------------------------------------------------------------


def submission_rows(
    connection: Connection,
    *,
    course: str | None = None,
    assignment: str | None = None,
    user: str | None = None,
    after: int = 0,
    ids: Sequence[str] | None = None,
    latest: bool = False,
) -> list[SubmissionRow]:
    """Submissions in the order of their sequence. Lateness counts the due date and extension of today."""
    s = t.submissions.c
    query = _rows_query().where(s.sequence > after)
    for column, value in ((s.course, course), (s.assignment, assignment), (s.user_name, user)):
        query = query if value is None else query.where(column == value)
    if ids is not None:
        query = query.where(s.id.in_(ids))
    if latest:
        newest = select(func.max(s.sequence)).group_by(s.course, s.assignment, s.user_name)
        query = query.where(s.sequence.in_(newest))
    return [_submission_row(row) for row in connection.execute(query).mappings()]


def _rows_query() -> Select[Any]:
    s, st, f, a, e = (
        t.submissions.c,
        t.submission_states.c,
        t.feedback.c,
        t.assignment_states.c,
        t.extensions.c,
    )
    same = and_(e.course == s.course, e.assignment == s.assignment, e.user_name == s.user_name)
    return (
        select(
            t.submissions,
            st.state,
            f.released_at.label("feedback_at"),
            f.sha256.label("feedback_sha256"),
            a.due,
            e.due.label("extension"),
        )
        .join_from(t.submissions, t.submission_states, st.submission == s.sequence)
        .outerjoin(t.feedback, f.id == st.feedback)
        .outerjoin(t.assignment_states, and_(a.course == s.course, a.assignment == s.assignment))
        .outerjoin(t.extensions, same)
        .order_by(s.sequence)
    )


def _submission_row(row: RowMapping) -> SubmissionRow:
    return SubmissionRow(
        id=row["id"],
        sequence=row["sequence"],
        course=row["course"],
        assignment=row["assignment"],
        user=row["user_name"],
        sha256=row["sha256"],
        size=row["size"],
        begun_at=stamp(row["begun_at"]),
        late_seconds=late_seconds(row["begun_at"], effective_due(row["due"], row["extension"])),
        release_version=row["release_version"],
        state=row["state"],
        notebooks=tuple(row["notebooks"]),
        feedback_at=stamp(row["feedback_at"]) if row["feedback_at"] else None,
        feedback_sha256=row["feedback_sha256"],
    )


def find_submission(connection: Connection, submission_id: str) -> SubmissionRow | None:
    """One submission by its id."""
    rows = submission_rows(connection, ids=[submission_id])
    return rows[0] if rows else None


def stored(row: RowMapping) -> Stored:
    """Make the receipt again from its row, byte for byte."""
    receipt = Receipt(
        id=row["id"],
        sequence=row["sequence"],
        course=row["course"],
        assignment=row["assignment"],
        user=row["user_name"],
        sha256=row["sha256"],
        size=row["size"],
        begun_at=stamp(row["begun_at"]),
        stored_at=stamp(row["stored_at"]),
        late_seconds=row["late_seconds"],
        chain=row["chain"],
        signature=row["signature"],
    )
    return Stored(receipt, row["idempotency_key"], row["release_version"], tuple(row["notebooks"]))


_KEPT = (
    select(t.submissions.c.sha256, t.submissions.c.size)
    .where(
        t.submissions.c.course == bindparam("its_course"),
        t.submissions.c.assignment == bindparam("its_assignment"),
        t.submissions.c.user_name == bindparam("its_user"),
        t.submissions.c.sha256 != bindparam("besides"),
    )
    .distinct()
    .subquery()
)
_KEPT_BYTES = select(func.coalesce(func.sum(_KEPT.c.size), 0))


def kept_bytes(connection: Connection, *, course: str, assignment: str, user: str, besides: str) -> int:
    """The bytes that this student's submissions take, equal ones counted once and `besides` not at all."""
    asked = {"its_course": course, "its_assignment": assignment, "its_user": user, "besides": besides}
    return int(connection.execute(_KEPT_BYTES, asked).scalar_one())


_BY_KEY = select(t.submissions).where(
    t.submissions.c.user_name == bindparam("its_user"), t.submissions.c.idempotency_key == bindparam("its_key")
)


def find_stored(connection: Connection, *, user: str, key: str) -> Stored | None:
    """The submission that this user's idempotency key already made."""
    row = connection.execute(_BY_KEY, {"its_user": user, "its_key": key}).mappings().one_or_none()
    return None if row is None else stored(row)


def receipt_of(connection: Connection, sequence: int) -> Receipt:
    """The receipt with this sequence."""
    query = select(t.submissions).where(t.submissions.c.sequence == sequence)
    return stored(connection.execute(query).mappings().one()).receipt


def current_verdict(connection: Connection, sequence: int) -> Verdict | None:
    """The verdict that counts; None while there is none."""
    return current_verdicts(connection, [sequence]).get(sequence)


def current_verdicts(connection: Connection, sequences: Sequence[int]) -> dict[int, Verdict]:
    """The verdicts that count, by submission."""
    st, v = t.submission_states.c, t.verdicts.c
    query = select(st.submission, v.verdict).join_from(t.submission_states, t.verdicts, v.id == st.verdict)
    found: dict[int, Verdict] = {}
    for start in range(0, len(sequences), 500):  # a database takes only so many values in one question
        some = sequences[start : start + 500]
        rows = connection.execute(query.where(st.submission.in_(some)))
        found |= {row.submission: read(Verdict, json.loads(row.verdict)) for row in rows}
    return found


def add_feedback(connection: Connection, sequence: int, *, sha256: str, size: int, at: datetime, by: str) -> None:
    """Release a version of feedback; the earlier ones stay."""
    row = {"submission": sequence, "sha256": sha256, "size": size, "released_at": at, "released_by": by}
    added = connection.execute(insert(t.feedback).values(**row)).inserted_primary_key
    states = t.submission_states
    connection.execute(
        update(states).where(states.c.submission == sequence).values(feedback=added[0] if added else None)
    )
    waiting = and_(states.c.submission == sequence, states.c.state == "needs-manual")
    connection.execute(update(states).where(waiting).values(state="graded"))
