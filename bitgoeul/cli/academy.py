"""The academy that a command of staff speaks to: its service by the caller's token, or the state on this machine.

In a lab the spawner's environment names the service, and the Hub's word decides what the caller may. Elsewhere
whoever may read the state folder is its operator: jobs are put into the database, where the running service
finds them, and nothing is judged here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, NoReturn, Protocol, cast

from bitgoeul.cli.here import service_here, user_here
from bitgoeul.database import Database
from bitgoeul.errors import InputError
from bitgoeul.exchange.core import open_blobs
from bitgoeul.exchange.marking import Judges
from bitgoeul.exchange.service import Exchange
from bitgoeul.lab.client import Client
from bitgoeul.names import AssignmentName, CourseName, staff_group
from bitgoeul.portal.alike import compared, require_comparable
from bitgoeul.portal.store import Board
from bitgoeul.settings import Settings, load
from bitgoeul.web.auth import Caller
from bitgoeul.wire import plain


class Academy(Protocol):
    """What the commands ask of one assignment; answers are JSON's types."""

    def grade(self) -> dict[str, Any]:
        """Judge everybody's newest submission again, as a preview; `job` and `queued`."""

    def progress(self, job: str) -> dict[str, Any]:
        """How far a batch is."""

    def preview(self) -> dict[str, Any] | None:
        """Whose score would change."""

    def apply(self) -> dict[str, Any]:
        """Make the previewed scores those that count; `job` and `queued`."""

    def drop(self) -> None:
        """Leave all scores as they are."""

    def similar(self) -> dict[str, Any]:
        """The report of similar work."""


class Remote:
    """The service, asked with a Hub token."""

    def __init__(self, client: Client, course: CourseName, assignment: AssignmentName) -> None:
        self._client = client
        self._where = course, assignment

    def grade(self) -> dict[str, Any]:
        """Queue a preview of everybody's newest work."""
        return self._ask("POST", "grade?preview=true")

    def progress(self, job: str) -> dict[str, Any]:
        """How far a batch is."""
        return self._ask("GET", f"progress?job={job}")

    def preview(self) -> dict[str, Any] | None:
        """Whose score would change."""
        return self._ask("GET", "preview") or None

    def apply(self) -> dict[str, Any]:
        """Apply what waits."""
        return self._ask("POST", "preview")

    def drop(self) -> None:
        """Drop what waits."""
        self._ask("DELETE", "preview")

    def similar(self) -> dict[str, Any]:
        """The report of similar work."""
        return cast("dict[str, Any]", self._client.similar(*self._where))

    def _ask(self, method: str, what: str) -> dict[str, Any]:
        return cast("dict[str, Any]", self._client.staff(method, *self._where, what))


class Local:
    """The state on this machine; `exchange` is not started, so it judges nothing."""

    def __init__(self, exchange: Exchange, course: CourseName, assignment: AssignmentName) -> None:
        self._exchange = exchange
        self._where = course, assignment
        self._caller = Caller(user_here(), frozenset({staff_group(course)}), "program")

    def grade(self) -> dict[str, Any]:
        """Queue a preview of everybody's newest work."""
        return _queued(self._exchange.grade(self._caller, *self._where, preview=True))

    def progress(self, job: str) -> dict[str, Any]:
        """How far a batch is."""
        return plain(self._exchange.progress(self._caller, *self._where, batch=job))

    def preview(self) -> dict[str, Any] | None:
        """Whose score would change."""
        found = self._exchange.regrading.preview(self._caller, *self._where)
        return found.plain() if found else None

    def apply(self) -> dict[str, Any]:
        """Apply what waits."""
        return _queued(self._exchange.regrading.apply(self._caller, *self._where))

    def drop(self) -> None:
        """Drop what waits."""
        self._exchange.regrading.drop(self._caller, *self._where)

    def similar(self) -> dict[str, Any]:
        """The report of similar work."""
        board = Board(self._exchange.database)
        sheet, newest = board.sheet(*self._where), board.newest(*self._where)
        users = require_comparable(sheet, newest, self._exchange.clock.now())
        return asdict(compared(sheet, newest, self._exchange.contents, users).report)


@contextmanager
def academy(name: str, environ: Mapping[str, str] = os.environ) -> Iterator[Academy]:
    """Open what judges COURSE/ASSIGNMENT."""
    course, slash, assignment = name.partition("/")
    if not slash:
        raise InputError(
            ko=f"강좌/과제 꼴로 적어야 하는데 {name!r}을(를) 받았습니다. 예: machine-learning/01-regression-from-scratch",
            en=f"COURSE/ASSIGNMENT was wanted; found {name!r}. Example: machine-learning/01-regression-from-scratch",
        )
    where = CourseName(course), AssignmentName(assignment)
    client = service_here(environ)
    if client is not None:
        try:
            yield Remote(client, *where)
        finally:
            client.close()
        return
    exchange = _exchange(load())
    try:
        yield Local(exchange, *where)
    finally:
        exchange.close()


def database_of(settings: Settings) -> Database:
    """The database of the academy of this folder; raise `InputError` where there is none."""
    if not settings.academy.database and not (settings.state / "bitgoeul.sqlite").is_file():
        raise InputError(
            ko=f"{settings.state}에 학교의 자료가 없습니다. 학교가 있는 폴더에서, 또는 강사의 실습실에서 실행하세요.",
            en=f"There is no academy in {settings.state}. Run this in the academy's folder, or in an instructor's lab.",
        )
    return Database(settings.database_url)


def _exchange(settings: Settings) -> Exchange:
    judges = Judges(mark=_never, feedback=_never, sanitise=_never, execute=_never)
    return Exchange(settings, database_of(settings), open_blobs(settings), judges=judges, build=_never)


def _never(*_arguments: Any) -> NoReturn:
    raise AssertionError("a command judges nothing: the service does")


def _queued(found: tuple[str, int]) -> dict[str, Any]:
    return {"job": found[0], "queued": found[1]}
