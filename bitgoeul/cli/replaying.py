"""Judging again what a verdict speaks of: the same bytes, release, checker and seed have to give the same scores."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from bitgoeul import __version__
from bitgoeul.app import combined
from bitgoeul.curriculum.model import find_checker
from bitgoeul.database import Database
from bitgoeul.errors import InputError, Text, shorten
from bitgoeul.exchange import bundle, store
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.contents import Contents
from bitgoeul.exchange.core import open_blobs
from bitgoeul.grading.engine import Engine
from bitgoeul.grading.environment import installed_environment
from bitgoeul.settings import MEGABYTE, Settings
from bitgoeul.wire import SubmissionRow, Verdict

Files = Mapping[str, bytes]
_LIMITS = bundle.Limits(10_000, 250 * MEGABYTE)


@dataclass(frozen=True)
class Work:
    """What a verdict was made of: the submission's and the source's files, and the checker if there is one."""

    sent: Files
    source: Files
    checker: Path | None


@dataclass(frozen=True)
class Replay:
    """The verdict as it was and as it is now. `notes` tell what else has changed since."""

    was: Verdict
    now: Verdict
    notes: tuple[Text, ...] = field(default_factory=tuple)

    @property
    def cells(self) -> dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None]]:
        """Score, maximum and outcome of each cell then and now."""
        names = {**self.was.cells, **self.now.cells}
        return {name: (_told(self.was, name), _told(self.now, name)) for name in names}

    @property
    def equal(self) -> bool:
        """Whether every score and outcome is the same."""
        return all(was == now for was, now in self.cells.values()) and self.was.score == self.now.score


def _told(verdict: Verdict, name: str) -> dict[str, Any] | None:
    cell = verdict.cells.get(name)
    return {"score": cell.score, "max_score": cell.max_score, "outcome": cell.outcome} if cell else None


def replay(verdict: Verdict, work: Work, engine: Engine) -> Replay:
    """Judge again, as the verdict says that it was judged."""
    beside = {path: data for path, data in {**work.sent, **work.source}.items() if not path.endswith(".ipynb")}
    names = [name for name in sorted(work.source) if name.endswith(".ipynb") and "/" not in name]
    missing = [name for name in names if name not in work.sent]
    if missing or not names:
        raise InputError(
            ko=f"원본의 노트북 {', '.join(missing) or '-'}이(가) 제출물에 없습니다. 같은 과제의 파일인지 확인하세요.",
            en=f"The submission lacks the source's notebook {', '.join(missing) or '-'}. Check that both are of one assignment.",
        )
    judged = {
        name: engine.judge(work.source[name], work.sent[name], beside, seed=verdict.seed, checker=work.checker).verdict
        for name in names
    }
    now = combined(judged)
    return Replay(verdict, now, tuple(_notes(verdict, now)))


def _notes(was: Verdict, now: Verdict) -> list[Text]:
    pairs = [
        (Text("채점기", "the grader"), was.grader_version, now.grader_version or __version__),
        (Text("환경", "the environment"), was.environment, now.environment or installed_environment()),
        (Text("격리 수준", "the isolation"), was.isolation, now.isolation),
    ]
    return [
        Text(f"{what.ko}이(가) 다릅니다: {old} → {new}", f"{what.en} is another: {old} → {new}")
        for what, old, new in pairs
        if old and old != new
    ]


def from_files(verdict: Verdict, submission: Path, source: Path, beside: Files, checker: Path | None) -> Work:
    """The work from files at hand: a notebook, or the tar that the portal gives; its hash has to be the verdict's."""
    data = _read(submission)
    found = hashlib.sha256(data).hexdigest()
    if verdict.submission_sha256 and found != verdict.submission_sha256:
        raise InputError(
            ko=f"판정은 SHA-256이 {verdict.submission_sha256}인 제출물의 것인데 {submission}은(는) {found}입니다. 포털에서 받은 .tar를 쓰세요.",
            en=f"The verdict speaks of the submission {verdict.submission_sha256}; {submission} is {found}. Use the .tar of the portal.",
        )
    sent = {**beside, source.name: data}
    if submission.suffix == ".tar":
        sent = {**beside, **bundle.read(io.BytesIO(data), bundle.scan(io.BytesIO(data), _LIMITS))}
    check(verdict, checker)
    return Work(sent, {**beside, source.name: _read(source)}, checker)


def check(verdict: Verdict, checker: Path | None) -> None:
    """Raise `InputError` unless the checker is the one that judged."""
    found = hashlib.sha256(_read(checker)).hexdigest() if checker else ""
    if verdict.checker_sha256 and found != verdict.checker_sha256:
        raise InputError(
            ko=f"판정은 SHA-256이 {verdict.checker_sha256}인 판정 프로그램의 것인데 {found or '없음'}을(를) 찾았습니다. 그때의 파일을 --checker로 주세요.",
            en=f"The verdict was made by the checker {verdict.checker_sha256}; found {found or 'none'}. Give that file by --checker.",
        )


def from_state(verdict: Verdict, settings: Settings, checker: Path | None) -> Work:
    """The work from the academy's own state, found by the hashes that the verdict names."""
    if not (settings.state / "bitgoeul.sqlite").is_file():
        raise InputError(
            ko=f"{settings.state}에 학교의 자료가 없습니다. 제출물과 --source를 함께 주세요.",
            en=f"There is no academy in {settings.state}. Give the submission and --source.",
        )
    database = Database(settings.database_url)
    try:
        limits = bundle.Limits(settings.exchange.max_files, settings.exchange.max_notebook_mb * MEGABYTE)
        contents = Contents(database, open_blobs(settings), limits)
        with database.reading() as connection:
            row, languages = _submission(connection, verdict)
        sent = contents.submission_files(row)
        source = contents.release_files(
            row.course,
            row.assignment,
            version=verdict.release_version,
            kind="source",
            language=languages[0],  # it chooses words only: both have the same tests
        )
    finally:
        database.close()
    graders = settings.academy.curriculum.with_name("graders")
    if checker is None and (verdict.checker_sha256 or verdict.seed):
        checker = find_checker(graders, f"*/{row.course}", row.assignment)
    check(verdict, checker)
    return Work(sent, source, checker)


def _submission(connection: Connection, verdict: Verdict) -> tuple[SubmissionRow, tuple[str, ...]]:
    s, r = t.submissions.c, t.releases.c
    same = (r.course == s.course) & (r.assignment == s.assignment) & (r.version == verdict.release_version)
    asked = select(s.id).join_from(t.submissions, t.releases, same).where(s.sha256 == verdict.submission_sha256)
    found = connection.execute(asked.order_by(s.sequence)).first()
    row = store.find_submission(connection, found.id) if found else None
    release = store.find_release(connection, row.course, row.assignment, verdict.release_version) if row else None
    if row is None or release is None:
        raise InputError(
            ko=f"제출물 {verdict.submission_sha256 or '-'}과(와) 과제 {verdict.release_version}판이 이 학교에 없습니다. 제출물과 --source를 함께 주세요.",
            en=f"This academy has no submission {verdict.submission_sha256 or '-'} with release {verdict.release_version}. Give the submission and --source.",
        )
    return row, release.languages


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            ko=f"{shorten(str(path))} 파일을 읽지 못했습니다: {error.strerror}. 경로를 확인해 주십시오.",
            en=f"The file {shorten(str(path))} could not be read: {error.strerror}. Check the path.",
        ) from None
