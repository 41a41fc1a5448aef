"""Releases: immutable versions of an assignment, content-addressed; what staff decide about them.

The same content is the same version again. Withdrawing hides an assignment from students and touches
nothing else; no change here ever reaches a submission.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Literal, Protocol

from sqlalchemy import Connection, func, insert, select, update

from bitgoeul.blobs import BlobStore
from bitgoeul.errors import InputError, NotFound, Text, shorten
from bitgoeul.exchange import bundle, store
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.rules import Results
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.settings import Level
from bitgoeul.wire import Compute

Parts = dict[str, dict[str, Any]]


class Described(Protocol):
    """What the exchange asks of a curriculum's assignment."""

    @property
    def title(self) -> Text: ...  # noqa: D102
    @property
    def results(self) -> str: ...  # noqa: D102
    @property
    def due(self) -> datetime | None: ...  # noqa: D102
    @property
    def compute(self) -> Compute: ...  # noqa: D102
    @property
    def minimum_level(self) -> Level | None: ...  # noqa: D102


class BuiltFiles(Protocol):
    """What the exchange asks of a built assignment: files by language and relative path."""

    @property
    def source(self) -> Mapping[str, Mapping[str, bytes]]: ...  # noqa: D102
    @property
    def release(self) -> Mapping[str, Mapping[str, bytes]]: ...  # noqa: D102


@dataclass(frozen=True)
class Draft:
    """A release whose parts are already blobs. What is None is kept from the release before."""

    course: CourseName
    assignment: AssignmentName
    parts: Parts
    notebooks: tuple[str, ...]
    max_score: float
    title: Text | None = None
    results: Results | None = None
    due: datetime | None = None
    compute: Compute | None = None
    minimum_level: Level | Literal[""] | None = None

    @property
    def digest(self) -> str:
        """The same parts give the same digest."""
        content = json.dumps({name: part["sha256"] for name, part in self.parts.items()}, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


def draft_from_built(
    blobs: BlobStore, course: CourseName, assignment: AssignmentName, described: Described, built: BuiltFiles
) -> Draft:
    """Keep the files that the curriculum's builder made."""
    parts: Parts = {}
    for kind, trees in (("release", built.release), ("source", built.source)):
        for language, files in trees.items():
            data = bundle.write(files)
            parts[f"{kind}/{language}"] = {"sha256": blobs.put(data), "size": len(data)}
    first = next(iter(built.release.values()))
    if described.results not in ("now", "after-due", "on-release"):
        raise InputError(
            ko=f"results는 now, after-due, on-release 가운데 하나여야 하는데 {shorten(described.results)}입니다.",
            en=f"results is one of now, after-due, on-release; found {shorten(described.results)}.",
        )
    return Draft(
        course,
        assignment,
        parts,
        notebooks=_notebooks(first),
        max_score=_max_score(first),
        title=described.title,
        results=described.results,  # type: ignore[arg-type]
        due=described.due,
        compute=described.compute,
        minimum_level=described.minimum_level or "",
    )


def draft_from_bundle(
    blobs: BlobStore, course: CourseName, assignment: AssignmentName, file: BinaryIO, limits: bundle.Limits
) -> Draft:
    """Check an uploaded bundle and keep each of its parts as a bundle of its own."""
    members = bundle.scan(file, limits)
    parts: Parts = {}
    for name in bundle.parts(members):
        with blobs.writer(limit=file.seek(0, 2) + 4096) as writer:
            for piece in bundle.subtree(file, members, name):
                writer.write(piece)
            parts[name] = {"sha256": writer.keep(), "size": writer.size}
    first = next(name for name in parts if name.startswith("release/"))
    inside = [m for m in members if m.name.startswith(f"{first}/") and m.name.endswith(".ipynb")]
    files = {name.removeprefix(f"{first}/"): data for name, data in bundle.read(file, inside).items()}
    return Draft(course, assignment, parts, notebooks=_notebooks(files), max_score=_max_score(files))


def _notebooks(files: Mapping[str, bytes]) -> tuple[str, ...]:
    return tuple(sorted(name for name in files if name.endswith(".ipynb") and "/" not in name))


def _max_score(files: Mapping[str, bytes]) -> float:
    """The points of all grade cells of the notebooks."""
    total = 0.0
    for name in _notebooks(files):
        try:
            cells = json.loads(files[name])["cells"]
            marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
            total += sum(float(mark.get("points", 0)) for mark in marks if mark.get("grade"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise InputError(
                ko=f"{shorten(name)}을(를) 노트북으로 읽을 수 없습니다. 노트북을 다시 저장한 뒤 배포하세요.",
                en=f"{shorten(name)} cannot be read as a notebook. Save it again, then release.",
            ) from None
    return total


def add(connection: Connection, draft: Draft, *, at: datetime, by: UserName) -> bool:
    """Make the draft the current version; False when this content already was a version."""
    r = t.releases.c
    mine = (r.course == draft.course, r.assignment == draft.assignment)
    version = connection.execute(select(r.version).where(*mine, r.digest == draft.digest)).scalar_one_or_none()
    created = version is None
    if version is None:
        version = (connection.execute(select(func.max(r.version)).where(*mine)).scalar_one() or 0) + 1
        connection.execute(insert(t.releases).values(**_row(connection, draft, version, at, by)))
    _make_current(connection, draft, version)
    store.audit(
        connection,
        at=at,
        actor=by,
        action="release",
        course=draft.course,
        assignment=draft.assignment,
        detail={"version": version, "new": created},
    )
    return created


def _row(connection: Connection, draft: Draft, version: int, at: datetime, by: UserName) -> dict[str, Any]:
    before = store.find_release(connection, draft.course, draft.assignment, version - 1)
    kept = Text(before.title_ko, before.title_en) if before else Text(draft.assignment, draft.assignment)
    title = draft.title or kept
    return {
        "course": draft.course,
        "assignment": draft.assignment,
        "version": version,
        "digest": draft.digest,
        "title_ko": title.ko,
        "title_en": title.en,
        "notebooks": list(draft.notebooks),
        "max_score": draft.max_score,
        "parts": draft.parts,
        "released_at": at,
        "released_by": by,
    }


def _make_current(connection: Connection, draft: Draft, version: int) -> None:
    before = store.find_state(connection, draft.course, draft.assignment)
    values: dict[str, Any] = {"current_version": version, "withdrawn": False}
    values["results"] = draft.results or (before.results if before else "now")
    if draft.compute is not None:
        values["compute"] = draft.compute
    if draft.minimum_level is not None:
        values["minimum_level"] = draft.minimum_level
    if draft.due is not None and not (before and before.due_by_staff):
        values["due"] = draft.due
    key = {"course": draft.course, "assignment": draft.assignment}
    store.upsert(connection, t.assignment_states, key, values if before else {"due_by_staff": False, **values})


def change(
    connection: Connection,
    course: CourseName,
    assignment: AssignmentName,
    *,
    at: datetime,
    by: UserName,
    action: str,
    values: Mapping[str, Any],
) -> None:
    """Change what staff decide about a released assignment, and note who did."""
    s = t.assignment_states.c
    where = update(t.assignment_states).where(s.course == course, s.assignment == assignment)
    if connection.execute(where.values(**values)).rowcount == 0:
        raise store.no_such(course, assignment)
    detail = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    store.audit(connection, at=at, actor=by, action=action, course=course, assignment=assignment, detail=detail)


def part_of(release: store.Release, kind: str, language: str | None) -> dict[str, Any]:
    """The bundle of one part; without a language, the first one there is."""
    language = language or next(iter(release.languages))
    found: dict[str, Any] | None = release.parts.get(f"{kind}/{language}")
    if found is None:
        raise NotFound(
            ko=f"과제 {release.assignment} {release.version}판에는 {kind}/{shorten(language)}이(가) 없습니다. 있는 것: {', '.join(release.parts)}",
            en=f"Version {release.version} of {release.assignment} has no {kind}/{shorten(language)}; it has {', '.join(release.parts)}",
        )
    return found


def current(connection: Connection) -> list[tuple[str, str, int]]:
    """Every assignment that students see, with its version."""
    c = t.assignment_states.c
    query = select(c.course, c.assignment, c.current_version).where(c.withdrawn.is_(False))
    return [(row.course, row.assignment, row.current_version) for row in connection.execute(query)]
