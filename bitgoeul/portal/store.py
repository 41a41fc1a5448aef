"""What the portal reads of the exchange's tables. It writes nothing: every change goes through `Exchange`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from bitgoeul.database import Database
from bitgoeul.errors import Text
from bitgoeul.exchange import notes, rules, store
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.rules import Results, effective_due
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.wire import SubmissionRow, Verdict, moment


@dataclass(frozen=True)
class Sheet:
    """One released assignment. `due` is everybody's; `extensions` are the later ones of single students."""

    course: CourseName
    assignment: AssignmentName
    title: Text
    version: int
    released_at: datetime
    notebooks: tuple[str, ...]
    languages: tuple[str, ...]
    max_score: float
    due: datetime | None
    withdrawn: bool
    results: Results
    results_released_at: datetime | None
    extensions: Mapping[str, datetime] = field(default_factory=dict)

    def due_for(self, user: str) -> datetime | None:
        """The moment from which this student's work is late."""
        return effective_due(self.due, self.extensions.get(user))


@dataclass(frozen=True)
class Handed:
    """One submission with what is current about it. `problem` says why its grading failed, or what it waits for."""

    row: SubmissionRow
    verdict: Verdict | None
    problem: Text | None

    @property
    def begun_at(self) -> datetime:
        """When the server began to receive it: this decides lateness."""
        return moment(self.row.begun_at)

    @property
    def feedback_at(self) -> datetime | None:
        """When feedback on it was released, if it was."""
        return moment(self.row.feedback_at) if self.row.feedback_at else None

    @property
    def busy(self) -> bool:
        """Whether its state will change by itself."""
        return self.row.state in ("received", "grading")


@dataclass(frozen=True)
class Fetched:
    """The newest version that a student's lab has asked for, and when it first did."""

    version: int
    at: datetime


@dataclass(frozen=True)
class Deed:
    """One line of the audit."""

    at: datetime
    actor: str
    action: str
    assignment: str
    detail: Mapping[str, Any]


class Board:
    """Reads; one short transaction a question."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sheets(self, courses: Iterable[CourseName], *, withdrawn: bool = False) -> list[Sheet]:
        """The released assignments of these courses, by course and name; the withdrawn ones only if asked for."""
        with self._database.reading() as connection:
            later = _extensions(connection, courses)
            rows = connection.execute(_sheets().where(t.assignment_states.c.course.in_(list(courses)))).all()
        found = [_sheet(row, later[row.course, row.assignment]) for row in rows]
        return [sheet for sheet in found if withdrawn or not sheet.withdrawn]

    def sheet(self, course: CourseName, assignment: AssignmentName) -> Sheet:
        """One released assignment, withdrawn or not; `NotFound` when it was never released."""
        for sheet in self.sheets([course], withdrawn=True):
            if sheet.assignment == assignment:
                return sheet
        raise store.no_such(course, assignment)

    def handed(
        self,
        course: CourseName,
        *,
        assignment: AssignmentName | None = None,
        user: UserName | None = None,
    ) -> list[Handed]:
        """Submissions to a course, the newest first."""
        with self._database.reading() as connection:
            rows = store.submission_rows(connection, course=course, assignment=assignment, user=user)
            return _with_verdicts(
                connection, rows[::-1], store.current_verdicts(connection, [r.sequence for r in rows])
            )

    def newest(self, course: CourseName, assignment: AssignmentName | None = None) -> list[Handed]:
        """Everybody's newest submission, the newest first. Verdicts come without their cells: a course is large."""
        with self._database.reading() as connection:
            rows = store.submission_rows(connection, course=course, assignment=assignment, latest=True)
            return _with_verdicts(connection, rows[::-1], _totals(connection, course, assignment))

    def whole(self, handed: Iterable[Handed]) -> list[Handed]:
        """The same with all of their verdicts."""
        some = list(handed)
        with self._database.reading() as connection:
            found = store.current_verdicts(connection, [h.row.sequence for h in some])
        return [replace(h, verdict=found.get(h.row.sequence)) for h in some]

    def decisions(self, course: CourseName, assignment: AssignmentName) -> dict[tuple[str, str], store.Decision]:
        """What people decided about doubted points, by submission id and cell."""
        with self._database.reading() as connection:
            return store.decisions(connection, course, assignment)

    def queue(self) -> dict[str, int]:
        """How many jobs there are in each state."""
        counted = select(t.jobs.c.state, func.count()).group_by(t.jobs.c.state)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(counted)}

    def collected_up_to(self, course: CourseName, assignment: AssignmentName) -> int:
        """The newest sequence that staff have collected."""
        with self._database.reading() as connection:
            return notes.collected_up_to(connection, course, assignment)

    def fetched(self, course: CourseName, assignment: AssignmentName | None = None) -> dict[tuple[str, str], Fetched]:
        """Who has got what: the newest version by (student, assignment)."""
        f = t.fetches.c
        asked = select(t.fetches).where(f.course == course).order_by(f.version)
        if assignment is not None:
            asked = asked.where(f.assignment == assignment)
        with self._database.reading() as connection:
            return {
                (row.user_name, row.assignment): Fetched(row.version, row.fetched_at)
                for row in connection.execute(asked)
            }

    def deeds(self, course: CourseName, *, most: int = 50) -> list[Deed]:
        """What staff did in this course, the newest first."""
        asked = select(t.audit).where(t.audit.c.course == course).order_by(t.audit.c.id.desc()).limit(most)
        with self._database.reading() as connection:
            return [
                Deed(row.at, row.actor, row.action, row.assignment, row.detail or {})
                for row in connection.execute(asked)
            ]

    def sizes(self) -> tuple[int, int]:
        """How many submissions there are, and their bytes before equal ones are counted once."""
        with self._database.reading() as connection:
            row = connection.execute(select(func.count(), func.coalesce(func.sum(t.submissions.c.size), 0))).one()
        return int(row[0]), int(row[1])


def _extensions(
    connection: Connection, courses: Iterable[CourseName]
) -> defaultdict[tuple[str, str], dict[str, datetime]]:
    found: defaultdict[tuple[str, str], dict[str, datetime]] = defaultdict(dict)
    asked = select(t.extensions).where(t.extensions.c.course.in_(list(courses)), t.extensions.c.due.is_not(None))
    for row in connection.execute(asked):
        found[row.course, row.assignment][row.user_name] = row.due
    return found


def _sheets() -> Select[Any]:
    states, releases = t.assignment_states, t.releases
    current = and_(
        releases.c.course == states.c.course,
        releases.c.assignment == states.c.assignment,
        releases.c.version == states.c.current_version,
    )
    columns = (releases.c.version, releases.c.title_ko, releases.c.title_en, releases.c.notebooks, releases.c.parts)
    more = (releases.c.max_score, releases.c.released_at)
    chosen = select(states, *columns, *more).select_from(states.join(releases, current))
    return chosen.order_by(states.c.course, states.c.assignment)


def _sheet(row: Row[Any], extensions: Mapping[str, datetime]) -> Sheet:
    return Sheet(
        course=CourseName(row.course),
        assignment=AssignmentName(row.assignment),
        title=Text(row.title_ko, row.title_en),
        version=row.version,
        released_at=row.released_at,
        notebooks=tuple(row.notebooks),
        languages=tuple(sorted((part[8:] for part in row.parts if part.startswith("release/")), key="ko en".find)),
        max_score=row.max_score,
        due=row.due,
        withdrawn=row.withdrawn,
        results=row.results,
        results_released_at=row.results_released_at,
        extensions=extensions,
    )


def _with_verdicts(connection: Connection, rows: list[SubmissionRow], verdicts: Mapping[int, Verdict]) -> list[Handed]:
    problems = _problems(connection, [row.sequence for row in rows if row.state in ("received", "grading", "failed")])
    return [Handed(row, verdicts.get(row.sequence), problems.get(row.sequence)) for row in rows]


def _totals(connection: Connection, course: CourseName, assignment: AssignmentName | None) -> dict[int, Verdict]:
    """The verdicts that count, without cells. They were checked when they came in: here they are only read."""
    states, verdicts, submissions = t.submission_states.c, t.verdicts.c, t.submissions.c
    asked = (
        select(states.submission, verdicts.verdict)
        .join_from(t.submission_states, t.verdicts, verdicts.id == states.verdict)
        .join(t.submissions, submissions.sequence == states.submission)
        .where(submissions.course == course)
    )
    if assignment is not None:
        asked = asked.where(submissions.assignment == assignment)
    found = {}
    for row in connection.execute(asked):
        said = json.loads(row.verdict)
        found[row.submission] = Verdict(said["score"], said["max_score"], tuple(said["flags"]))
    return found


def _problems(connection: Connection, sequences: list[int]) -> dict[int, Text]:
    """Why grading failed or what it waits for, by submission: the newest job's word."""
    jobs = t.jobs.c
    asked = select(jobs.submission, jobs.state, jobs.problem).where(jobs.kind == "grade", jobs.problem.is_not(None))
    found = {}
    for row in connection.execute(asked.where(jobs.submission.in_(sequences)).order_by(jobs.id)):
        problem = row.problem if isinstance(row.problem, dict) else {}
        if row.state == "failed" or (row.state == "queued" and problem.get("code") in rules.WAITING):
            found[row.submission] = Text(str(problem.get("ko", "")), str(problem.get("en", "")))
    return found
