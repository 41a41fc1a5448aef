"""Wires the real world in, once: the exchange, the portal and the judge in one ASGI app, a service of the Hub."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import FastAPI

from bitgoeul.curriculum.building import build
from bitgoeul.curriculum.loading import course_folders, find_assignment, find_course, load_course
from bitgoeul.curriculum.model import Course, find_checker
from bitgoeul.database import Database
from bitgoeul.errors import BitgoeulError, CourseError, InputError, Text
from bitgoeul.exchange import routes as exchange_routes
from bitgoeul.exchange.core import open_blobs
from bitgoeul.exchange.marking import Judges, Task
from bitgoeul.exchange.releases import BuiltFiles, Described
from bitgoeul.exchange.service import Exchange
from bitgoeul.gpus.inventory import open_leases
from bitgoeul.grading import feedback, folders
from bitgoeul.grading.box import BoxPool
from bitgoeul.grading.engine import Engine, Judged, stricter
from bitgoeul.grading.gradebook import CourseBook
from bitgoeul.grading.keys import cluster_keys
from bitgoeul.grading.pool import LocalPool, Pool, require_gpus
from bitgoeul.grading.proof import prove
from bitgoeul.grading.requests import Request
from bitgoeul.hackathon.core import Core as Hackathons
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.people.directory import Directory
from bitgoeul.people.roster import display_name
from bitgoeul.portal import marks
from bitgoeul.portal import routes as portal_routes
from bitgoeul.portal.desk import TEMPLATES, Desk
from bitgoeul.portal.marks import Mark
from bitgoeul.settings import Grading, Settings
from bitgoeul.web import errors, pages, sign_in
from bitgoeul.web.auth import Authority
from bitgoeul.web.hub import HubClient
from bitgoeul.web.link import HubLink
from bitgoeul.wire import CellVerdict, Doubt, Verdict, moment, read, write

Files = Mapping[str, bytes]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bench:
    """What the exchange calls to judge: the pool, and the gradebooks of the courses' folders.

    The pool judges students' work; the engine of this machine runs what staff press a button for.
    """

    settings: Settings
    engine: Engine
    pool: Pool
    people: Callable[[], Settings] | None = None

    def book(self, course: str) -> CourseBook:
        """The course's nbgrader folder and gradebook."""
        name = CourseName(course)
        return CourseBook(self.settings.course_folder(name), name)

    def mark(self, task: Task) -> Verdict:
        """Judge every notebook of a submission; write the newest one's scores to the gradebook."""
        sent = task.submission_files()
        source = task.source_files(_language(sent))
        asked = {name: self._request(task, name, source, sent) for name in _notebooks(source)}
        under_way = {name: self.pool.submit(request) for name, request in asked.items()}
        judged = {name: answer.result() for name, answer in under_way.items()}
        if task.preview:
            folders.replace(self._aside(task), _staged(judged))
        elif task.newest and judged:
            self._record(task, source, sent, judged)
        verdict = combined({name: one.verdict for name, one in judged.items()})
        return replace(verdict, submission_sha256=task.submission.sha256, release_version=task.release_version)

    def _aside(self, task: Task) -> Path:
        """Where a preview's notebooks and verdicts wait."""
        return self.settings.state / "previews" / f"{task.submission.sequence}-{task.release_version}"

    def apply(self, task: Task) -> None:
        """Write what was judged for a preview to the gradebook, whose rows then fit the release it was judged by."""
        judged = _unstaged(folders.read(self._aside(task)))
        sent = task.submission_files()
        source = task.source_files(_language(sent))
        if task.newest and judged:
            self.book(task.submission.course).fit(AssignmentName(task.submission.assignment), source)
            self._record(task, source, sent, judged)

    def _checker(self, task: Task, source: Files) -> Path | None:
        """The curriculum's program for this assignment, if it has one; it judges a single notebook."""
        graders = self.settings.academy.curriculum.with_name("graders")
        found = find_checker(graders, f"*/{task.submission.course}", task.submission.assignment)
        return found if len(_notebooks(source)) == 1 else None

    def _seed(self, task: Task) -> int:
        """The same whenever these bytes are judged, and to be guessed by nobody without the service's key."""
        key = self.settings.state / "keys" / "receipt.ed25519"
        if not key.is_file():
            return 0  # the engine draws one
        drawn = hmac.digest(key.read_bytes(), f"checker {task.submission.sha256}".encode(), "sha256")
        return int.from_bytes(drawn[:6]) + 1

    def _request(self, task: Task, name: str, source: Files, sent: Files) -> Request:
        if name not in sent:
            found = ", ".join(_notebooks(sent)) or "-"
            raise InputError(
                ko=f"{name} 노트북이 있어야 하는데 제출물에는 {found}만 있습니다. 이름을 바꾸지 말고 다시 내세요.",
                en=f"The notebook {name} was wanted; the submission holds {found}. Hand in again under that name.",
            )
        checker = self._checker(task, source)
        return Request(
            source[name],
            sent[name],
            {path: data for path, data in {**sent, **source}.items() if not path.endswith(".ipynb")},
            limits=self._limits(task),
            checker=checker.read_bytes() if checker else b"",
            checker_name=checker.name if checker else "",
            seed=self._seed(task) if checker else 0,
            compute=task.compute,
            priority="interactive" if task.urgent else "batch",
        )

    def _limits(self, task: Task) -> Grading:
        """The academy's, with the stricter of its own and the assignment's minimum level."""
        limits = self.settings.grading
        level = stricter(limits.minimum_level, task.minimum_level or "none")
        return limits.model_copy(update={"minimum_level": level})

    def _record(self, task: Task, source: Files, sent: Files, judged: Mapping[str, Judged]) -> None:
        row = task.submission
        book = self.book(row.course)
        assignment = AssignmentName(row.assignment)
        if not (book.folder / "source" / assignment).is_dir():  # `up` prepares the curriculum's, a lab its own
            book.prepare(assignment, source, task.release_files(_language(sent)), None)
        student = display_name(
            self.people() if self.people else self.settings, row.user, self.settings.academy.language
        )
        by_stem = {name.removesuffix(".ipynb"): one for name, one in judged.items()}
        book.record(UserName(row.user), student, assignment, moment(row.begun_at), sent, by_stem, due=task.due)

    def feedback(self, task: Task) -> dict[str, bytes]:
        """Render what the gradebook says of a student's newest submission."""
        row = task.submission
        folder = self.settings.course_folder(CourseName(row.course))
        return feedback.render(folder, AssignmentName(row.assignment), UserName(row.user))

    def execute(self, _course: CourseName, notebook: bytes, files: Files) -> bytes:
        """Run a staff member's notebook (a student's work, that is) in the sandbox."""
        return self.engine.execute(notebook, files).notebook

    def by_hand(
        self, course: CourseName, assignment: AssignmentName, user: UserName, cell: str, points: float | None
    ) -> float | None:
        """Give a cell points by hand, or take them away; what it had by hand before."""
        return self.book(course).give(user, assignment, cell, points)

    def finals(self, course: CourseName, assignment: AssignmentName) -> dict[str, float]:
        """Points by student, manual ones included, as the gradebook has them."""
        return {row.student: row.total for row in self.book(course).scores(assignment)}

    def marks(self, course: CourseName, assignment: AssignmentName, student: UserName) -> dict[str, Mark]:
        """One student's points and comments by question, as the gradebook has them."""
        book = self.book(course)
        there = (book.folder / "gradebook.db").is_file()
        return marks.read(book.url, course, assignment, student) if there else {}


def _staged(judged: Mapping[str, Judged]) -> dict[str, bytes]:
    notes = {f"{name}.verdict.json": write(one.verdict) for name, one in judged.items()}
    return {**{name: one.notebook for name, one in judged.items()}, **notes}


def _unstaged(files: Files) -> dict[str, Judged]:
    return {name: Judged(read(Verdict, files[f"{name}.verdict.json"]), files[name]) for name in _notebooks(files)}


def combined(verdicts: Mapping[str, Verdict]) -> Verdict:
    """One verdict of several notebooks; with more than one, cells are named `notebook/grade_id`."""
    if len(verdicts) == 1:
        return next(iter(verdicts.values()))
    cells: dict[str, CellVerdict] = {}
    flags: list[str] = []
    doubts: dict[str, Doubt] = {}
    for name, verdict in verdicts.items():
        stem = name.removesuffix(".ipynb")
        cells |= {f"{stem}/{cell}": found for cell, found in verdict.cells.items()}
        flags += [f"{stem}/{flag}" for flag in verdict.flags]
        doubts |= {f"{stem}/{cell}": doubt for cell, doubt in verdict.doubts.items()}
    some = next(iter(verdicts.values()), Verdict(0.0, 0.0))
    return replace(
        some,
        score=sum(verdict.score for verdict in verdicts.values()),
        max_score=sum(verdict.max_score for verdict in verdicts.values()),
        flags=tuple(flags),
        cells=cells,
        doubts=doubts,
    )


def _notebooks(files: Files) -> list[str]:
    """The notebooks beside each other at the top, which is where nbgrader looks."""
    return sorted(name for name in files if name.endswith(".ipynb") and "/" not in name)


def _language(sent: Files) -> str:
    """The prose a submission was made from. It chooses words only: both languages have the same tests."""
    for name in _notebooks(sent):
        try:
            found = json.loads(sent[name])["metadata"]["bitgoeul"]["language"]
        except (ValueError, RecursionError, KeyError, TypeError):
            continue
        if found in ("ko", "en"):
            return str(found)
    return "ko"


def sound_courses(settings: Settings) -> tuple[Course, ...]:
    """The curriculum's courses; one with faults is told in the log and keeps nobody else out."""
    found = []
    root = settings.academy.curriculum
    for folder in course_folders(root) if root.is_dir() else ():
        try:
            found.append(load_course(folder))
        except CourseError as error:
            _log.error("%s", error.text.en)
    return tuple(found)


@dataclass(frozen=True)
class Builder:
    """Builds assignments from the curriculum's folder as it is at that moment."""

    settings: Settings

    def __call__(self, course: CourseName, assignment: AssignmentName) -> tuple[Described, BuiltFiles]:
        """Give the description and the files of every language."""
        found = find_assignment(find_course(sound_courses(self.settings), course), assignment)
        return found, build(found)


def _get_ready(settings: Settings, engine: Engine, exchange: Exchange) -> None:
    """Test the sandbox, and start what the first submission of each assignment would else have to wait for."""
    _log.info("sandbox: %s", prove())
    if settings.grading.scheduler or settings.grading.judge_socket:
        return  # those have sandboxes of their own
    for source in exchange.sources_in_use():
        try:
            engine.warm(source)
        except BitgoeulError as error:  # the submission's own judgement will tell
            _log.warning("not ready: %s", error.text.en)


def open_pool(settings: Settings, engine: Engine) -> Pool:
    """Judge where the settings say: in a container behind a socket, on the workers of a cluster, or here."""
    grading = settings.grading
    if grading.judge_socket:
        return BoxPool(grading.judge_socket, workers=grading.workers)
    if not grading.scheduler:
        require_gpus(grading.gpus)
        return LocalPool(engine, workers=grading.workers, gpus=grading.gpus)
    # Imported here: it takes a second, which the start of an academy on one machine need not spend.
    from bitgoeul.grading.cluster import ClusterPool

    return ClusterPool(grading.scheduler, cluster_keys(settings.cluster_keys))


def _desk(
    settings: Settings, exchange: Exchange, bench: Bench, directory: Directory, challenges: Callable[[], bool]
) -> Desk:
    return Desk(
        settings,
        exchange,
        sound_courses(settings),
        finals=bench.finals,
        marks=bench.marks,
        by_hand=bench.by_hand,
        level=prove,
        people=directory.people,
        gpus=open_leases(settings.gpus, exchange.database),
        challenges=challenges,
    )


def _exchange(settings: Settings, bench: Bench, directory: Directory) -> Exchange:
    """Open what people hand in."""
    judges = Judges(
        mark=bench.mark,
        feedback=bench.feedback,
        sanitise=feedback.sanitise,
        execute=bench.execute,
        apply=bench.apply,
    )
    database, build = Database(settings.database_url), Builder(settings)
    return Exchange(settings, database, open_blobs(settings), judges=judges, build=build, people=directory.people)


def build_app(settings: Settings, link: HubLink) -> FastAPI:
    """Build the service. Its database has to be migrated before; graders start with the app's lifespan."""
    engine = Engine(settings.grading)
    pool = open_pool(settings, engine)
    directory = Directory(settings)
    bench = Bench(settings, engine, pool, directory.people)
    exchange = _exchange(settings, bench, directory)
    hackathons = Hackathons(settings, exchange.database, exchange.blobs, engine)
    hub = HubClient(link.api_url, link.api_token)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        exchange.start()
        hackathons.start()
        # The graders wait for the self-test; nobody else has to.
        testing = asyncio.create_task(asyncio.to_thread(_get_ready, settings, engine, exchange))
        yield
        await testing
        hackathons.close()
        exchange.close()
        directory.close()
        pool.close()
        await hub.close()

    app = FastAPI(title="Bitgoeul", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.authority = Authority(link, hub)
    app.state.exchange = exchange
    hackathons.install(app, link.prefix.rstrip("/"))
    _install_pages(app, link, _desk(settings, exchange, bench, directory, hackathons.hackathon.any_open))
    return app


def _install_pages(app: FastAPI, link: HubLink, desk: Desk) -> None:
    academy = desk.settings.academy
    name = Text(academy.name.ko, academy.name.en)
    zone, language = desk.settings.zone, academy.language
    pages.install(app, pages.Pages(link, name=name, zone=zone, default=language, folders=[TEMPLATES]))
    errors.install(app)
    sign_in.install(app)
    app.include_router(exchange_routes.router, prefix=link.prefix.rstrip("/"))
    portal_routes.install(app, desk)
