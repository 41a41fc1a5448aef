"""The service in process: the real app but for the Hub beside it and the judge, which only reads words.

`academy(folder)` gives people with browsers and programs with tokens. A notebook is right where its cell
says `right`, and its grader breaks where it says `break`.
"""

from __future__ import annotations

import io
import json
import tarfile
import threading
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from fastapi import FastAPI

from bitgoeul.curriculum.model import Assignment, Course
from bitgoeul.database import METADATA, Database
from bitgoeul.errors import InputError, Text
from bitgoeul.exchange import routes as exchange_routes
from bitgoeul.exchange.core import open_blobs
from bitgoeul.exchange.marking import Judges, Task
from bitgoeul.exchange.service import Exchange
from bitgoeul.gpus.inventory import open_leases
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon.core import Core as Hackathons
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.people.roster import hub_groups, operators
from bitgoeul.portal import routes as portal_routes
from bitgoeul.portal.desk import TEMPLATES, Desk
from bitgoeul.portal.marks import Mark
from bitgoeul.settings import Settings, load
from bitgoeul.web import errors, pages, sign_in
from bitgoeul.web.auth import Authority, Caller
from bitgoeul.web.hub import HubClient
from bitgoeul.web.link import HubLink
from bitgoeul.wire import CellVerdict, Doubt, Verdict
from tests.fakes.browser import browser
from tests.fakes.hub import API, SERVICE_TOKEN, FakeHub

PREFIX = "/services/bitgoeul/"
LINK = HubLink(api_url=API, api_token=SERVICE_TOKEN)
ML, LINE, PIPE = CourseName("machine-learning"), AssignmentName("01-line"), AssignmentName("02-pipeline")
ROSTER = """
[academy]
curriculum = "curriculum"
[exchange]
min_free_mb = 0
reserve_mb = 0
[grading]
workers = 1
{people}
[[gpus.devices]]
uuid = "GPU-0f1e2d3c"
name = "NVIDIA H100"
[[gpus.devices]]
uuid = "GPU-4b5a6978"
slots = 2
[cohorts.one]
title = {{ ko = "1기", en = "Cohort 1" }}
gpu = "whole"
gpu_hours = 10
courses = ["machine-learning"]
students = ["minji", "junho", "amelia"]
staff = ["seoyeon"]
[cohorts.two]
title = {{ ko = "2기", en = "Cohort 2" }}
courses = ["ai-and-data"]
students = ["haneul"]
staff = ["hyunwoo"]
"""
PEOPLE = [
    ("minji", "김민지", "Minji Kim", "student"),
    ("junho", "박준호", "Junho Park", "student"),
    ("amelia", "아멜리아 존스", "Amelia Jones", "student"),
    ("haneul", "이하늘", "Haneul Lee", "student"),
    ("seoyeon", "이서연 강사", "Seoyeon Lee", "instructor"),
    ("hyunwoo", "정현우 선생님", "Hyunwoo Jung", "teacher"),
    ("jiho", "최지호 운영자", "Jiho Choi", "operator"),
]


def settings_in(folder: Path, people: list[tuple[str, str, str, str]] | None = None) -> Settings:
    rows = [
        f"[[people]]\nuser = {json.dumps(u)}\nname = {{ ko = {json.dumps(ko)}, en = {json.dumps(en)} }}\nrole = {json.dumps(r)}"
        for u, ko, en, r in people or PEOPLE
    ]
    (folder / "academy.toml").write_text(ROSTER.format(people="\n".join(rows)), encoding="utf-8")
    return load(folder / "academy.toml", {})


def notebook(*answers: str) -> bytes:
    """A notebook whose cells q1, q2, ... say these things; q2 has hidden tests, q3 is for a person."""
    cells = []
    for number, answer in enumerate(answers or ("", "", ""), 1):
        mark = {"grade": True, "points": number, "grade_id": f"q{number}", "schema_version": 3}
        cells.append(
            {
                "cell_type": "code",
                "source": answer,
                "metadata": {"nbgrader": mark},
                "outputs": [],
                "execution_count": None,
            }
        )
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def mark(task: Task, mended: Collection[str] = ()) -> Verdict:
    """Judge by words; `mended` are words that a mended test takes for right, or, with a minus, no longer does."""
    name = task.submission.notebooks[0] if task.submission.notebooks else ""
    try:
        sent = json.loads(task.submission_files()[name])
    except (KeyError, ValueError):
        raise InputError(ko="노트북을 읽을 수 없습니다.", en="The notebook cannot be read.") from None
    cells, flags, doubts = {}, [], {}
    for cell in sent["cells"]:
        said, points = cell["source"], cell["metadata"]["nbgrader"]["points"]
        name = cell["metadata"]["nbgrader"]["grade_id"]
        if said == "break":
            raise InputError(ko="커널이 죽었습니다.", en="The kernel died.")
        if said == "cheat":
            flags.append(f"{name}: complement passed")
        if said in ("forge", "canary"):
            flags.append(f"{'complement' if said == 'forge' else said}:{name}")
            doubts |= {name: Doubt("passed", "passed", float(points))} if said == "forge" else {}
        right = (said == "right" or said in mended) and f"-{said}" not in mended
        outcome = "manual" if name == "q3" else "passed" if right else "failed"
        message = "" if right or name == "q3" else "AssertionError: 평균이 맞지 않습니다 / the mean is off"
        cells[name] = CellVerdict(points if right and name != "q3" else 0.0, points, outcome, message, name == "q2")
    score = sum(cell.score for cell in cells.values())
    return Verdict(
        score, sum(c.max_score for c in cells.values()), tuple(flags), cells, grader_version="test 1", doubts=doubts
    )


@dataclass
class Judge:
    """Judges by words that a test may change, and notes what is written to the gradebook: (user, score)."""

    mended: set[str] = field(default_factory=set)
    written: list[tuple[str, float]] = field(default_factory=list)
    broken: bool = False
    go: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.go.set()

    def mark(self, task: Task) -> Verdict:
        self.go.wait(30)
        if self.broken:
            raise InputError(ko="커널이 죽었습니다.", en="The kernel died.")
        verdict = replace(mark(task, self.mended), release_version=task.release_version)
        if not task.preview:
            self.written.append((task.submission.user, verdict.score))
        return verdict

    def apply(self, task: Task) -> None:
        self.written.append((task.submission.user, mark(task, self.mended).score))


def feedback(task: Task) -> dict[str, bytes]:
    return {"line.html": f"<h1>{task.submission.user}</h1><script>alert(1)</script>".encode()}


JUDGES = Judges(
    mark=mark,
    feedback=feedback,
    sanitise=lambda page: page.replace(b"<script>alert(1)</script>", b""),
    execute=lambda _course, data, _files: data,
)


def built(_course: CourseName, name: AssignmentName) -> tuple[Any, Any]:
    files = {"line.ipynb": notebook("", "", "")}
    trees = SimpleNamespace(release={"ko": files, "en": files}, source={"ko": files, "en": files})
    return next(a for a in COURSE.assignments if a.name == name), trees


COURSE = Course(
    ML,
    Text("머신러닝", "Machine learning"),
    Text("", ""),
    Path(),
    "academy",
    (
        Assignment(
            ML,
            LINE,
            Text("맨바닥에서 만드는 회귀", "Regression from scratch"),
            Text("경사 하강법을 직접 만들어 봅니다.", "Build gradient descent yourself."),
            Path(),
            results="now",
            due=datetime(2031, 11, 24, 9, 0, tzinfo=UTC),
        ),
        Assignment(
            ML,
            PIPE,
            Text("새지 않는 파이프라인", "A leak-free pipeline"),
            Text("시험 자료가 훈련에 새지 않게 합니다.", "Keep test data out of training."),
            Path(),
            results="on-release",
        ),
    ),
)


@dataclass
class ByHand:
    """The points that people gave, by (user, cell)."""

    points: dict[tuple[str, str], float | None] = field(default_factory=dict)

    def give(self, _course: str, _assignment: str, user: str, cell: str, points: float | None) -> float | None:
        before = self.points.get((user, cell))
        self.points[user, cell] = points
        return before


@dataclass
class Academy:
    """What a test holds in its hands."""

    settings: Settings
    hub: FakeHub
    app: FastAPI
    exchange: Exchange
    client: httpx.Client
    tokens: dict[str, str]
    finals: dict[tuple[str, str], dict[str, float]]
    gradebook: ByHand
    judge: Judge
    hackathons: Hackathons
    marks: dict[tuple[str, str, str], dict[str, Mark]] = field(default_factory=dict)

    def headers(self, user: str) -> dict[str, str]:
        """A program of this user."""
        if user not in self.tokens:
            self.tokens[user] = self.hub.token_for(user)
        return {"Authorization": f"token {self.tokens[user]}"}

    def sign_in(self, user: str) -> None:
        """The browser is this user's from now on, as if he had come back from the Hub."""
        self.client.cookies.clear()
        token = self.headers(user)["Authorization"].split()[1]
        authority: Authority = self.app.state.authority
        self.client.cookies.set(
            "bitgoeul-session", authority.sign("session", token), domain="academy.test", path=PREFIX
        )
        self.csrf = authority.csrf_for(token)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(PREFIX + path, headers={"Accept": "text/html", **options.pop("headers", {})}, **options)

    def post(self, path: str, data: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        headers = {"Accept": "text/html"}
        return self.client.post(PREFIX + path, data={"_csrf": self.csrf, **(data or {})}, headers=headers, **options)

    def submit(self, user: str, data: bytes, assignment: str = LINE, course: str = ML) -> dict[str, Any]:
        """Hand in as a lab does."""
        body = tar({"line.ipynb": data})
        answer = self.client.post(
            f"{PREFIX}api/courses/{course}/assignments/{assignment}/submissions",
            content=body,
            headers={
                **self.headers(user),
                "Idempotency-Key": str(uuid.uuid4()),
                "X-Content-SHA256": sha256(body).hexdigest(),
                "Content-Type": "application/x-tar",
            },
        )
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def release(self, assignment: str = LINE) -> None:
        url = f"{PREFIX}api/courses/{ML}/assignments/{assignment}/release-from-curriculum"
        answer = self.client.post(url, headers=self.headers("seoyeon"))
        assert answer.status_code in (200, 201), answer.text

    def settle(self) -> None:
        """Wait until no job waits or runs."""
        for _ in range(1000):
            progress = self.exchange.progress(self.caller("seoyeon"), ML)
            if not progress.queued + progress.running:
                return
            time.sleep(0.02)
        raise AssertionError(f"the graders do not come to an end: {progress}")

    def caller(self, user: str) -> Any:
        return Caller(UserName(user), frozenset(self.hub.users[user]), "program", user in self.hub.admins)


def tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return out.getvalue()


def fake_hub(settings: Settings) -> FakeHub:
    groups = hub_groups(settings)
    users = {str(p.user): [g for g, members in groups.items() if p.user in members] for p in settings.people}
    return FakeHub(users, admins=frozenset(operators(settings)))


@contextmanager
def academy(folder: Path, people: list[tuple[str, str, str, str]] | None = None) -> Iterator[Academy]:
    settings = settings_in(folder, people)
    hub = fake_hub(settings)
    settings.state.mkdir()
    database = Database(settings.database_url)
    METADATA.create_all(database.engine)
    judge = Judge()
    judges = replace(JUDGES, mark=judge.mark, apply=judge.apply)
    exchange = Exchange(settings, database, open_blobs(settings), judges=judges, build=built)
    finals: dict[tuple[str, str], dict[str, float]] = {}
    gradebook = ByHand()
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    client = HubClient(LINK.api_url, LINK.api_token, transport=hub.transport)
    app.state.authority = Authority(LINK, client)
    app.state.exchange = exchange
    name = settings.academy.name.text
    pages.install(app, pages.Pages(LINK, name=name, zone=settings.zone, folders=[TEMPLATES]))
    errors.install(app)
    sign_in.install(app)
    app.include_router(exchange_routes.router, prefix=PREFIX.rstrip("/"))
    hackathons = Hackathons(settings, exchange.database, exchange.blobs, Engine(settings.grading))
    hackathons.install(app, PREFIX.rstrip("/"))
    marks: dict[tuple[str, str, str], dict[str, Mark]] = {}
    desk = Desk(
        settings,
        exchange,
        (COURSE,),
        finals=lambda c, a: finals.get((c, a), {}),
        marks=lambda c, a, user: marks.get((c, a, user), {}),
        by_hand=gradebook.give,
        level=lambda: "namespaces",
        gpus=open_leases(settings.gpus, database),
        challenges=hackathons.hackathon.any_open,
    )
    portal_routes.install(app, desk)
    exchange.start()
    try:
        with browser(app) as http:
            yield Academy(settings, hub, app, exchange, http, {}, finals, gradebook, judge, hackathons, marks)
    finally:
        exchange.close()
