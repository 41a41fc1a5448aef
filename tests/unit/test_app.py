"""One broken course keeps nobody out of the others."""

from __future__ import annotations

import asyncio
import shutil
import threading
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bitgoeul import app as wiring
from bitgoeul.app import Bench, build_app, combined, sound_courses
from bitgoeul.database import Database
from bitgoeul.errors import InputError
from bitgoeul.exchange.marking import Task
from bitgoeul.grading.engine import Judged
from bitgoeul.grading.requests import Request
from bitgoeul.migrations import migrate
from bitgoeul.settings import Academy, Exchange, Grading, Settings
from bitgoeul.web.link import HubLink
from bitgoeul.wire import CellVerdict, Doubt, SubmissionRow, Verdict


def settings_with(curriculum: Path) -> Settings:
    return Settings(academy=Academy(curriculum=curriculum))


def test_a_course_with_faults_is_left_out_and_the_others_stay(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "curriculum"
    shutil.copytree(root / "curriculum", copy)
    whole = [course.name for course in sound_courses(settings_with(copy))]
    (copy / "academy/machine-learning/course.toml").write_text("title = 3\n")

    left = [course.name for course in sound_courses(settings_with(copy))]

    assert set(whole) - set(left) == {"machine-learning"}
    assert left


def test_no_curriculum_is_no_course(tmp_path: Path) -> None:
    assert sound_courses(settings_with(tmp_path / "nothing")) == ()


def test_verdicts_of_several_notebooks_add_up_under_their_names() -> None:
    one = Verdict(1.0, 2.0, ("kernel-changed",), {"q1": CellVerdict(1.0, 2.0, "passed")})
    one = replace(one, doubts={"q1": Doubt("passed", "passed", 1.0)})
    two = Verdict(0.0, 3.0, (), {"q1": CellVerdict(0.0, 3.0, "failed")})

    found = combined({"a.ipynb": one, "b.ipynb": two})

    assert (found.score, found.max_score, found.flags) == (1.0, 5.0, ("a/kernel-changed",))
    assert set(found.cells) == {"a/q1", "b/q1"}
    assert set(found.doubts) == {"a/q1"}
    assert combined({"a.ipynb": one}) == one


def test_the_service_answers_while_the_sandbox_is_tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proved = threading.Event()
    monkeypatch.setattr(wiring, "prove", lambda: "namespaces" if proved.wait(20) else "none")
    academy = Academy(state=tmp_path, curriculum=tmp_path / "none")
    settings = Settings(academy=academy, exchange=Exchange(min_free_mb=0, reserve_mb=0))
    database = Database(settings.database_url)
    migrate(database)
    database.close()
    app = build_app(settings, HubLink(api_url="http://127.0.0.1:1/hub/api", api_token="x"))

    async def begin() -> None:
        async with app.router.lifespan_context(app):
            assert not proved.is_set()
            proved.set()

    asyncio.run(asyncio.wait_for(begin(), 10))


class NotingEngine:
    """Notes what it is to get ready for; a source it cannot read is told as the real one tells it."""

    def __init__(self) -> None:
        self.warmed: list[bytes] = []

    def warm(self, source: bytes) -> None:
        if source == b"broken":
            raise InputError(ko="읽을 수 없습니다.", en="It cannot be read.")
        self.warmed.append(source)


class InUse:
    """An exchange in which these sources are released."""

    def __init__(self, *sources: bytes) -> None:
        self.sources = sources

    def sources_in_use(self) -> list[bytes]:
        return list(self.sources)


@pytest.mark.parametrize(("scheduler", "warmed"), [("", [b"one", b"two"]), ("tls://elsewhere:8786", [])])
def test_what_students_see_is_warm_before_their_first_submission(scheduler: str, warmed: list[bytes]) -> None:
    engine: Any = NotingEngine()
    exchange: Any = InUse(b"one", b"broken", b"two")
    wiring._get_ready(Settings(grading=Grading(scheduler=scheduler)), engine, exchange)

    assert engine.warmed == warmed


class NotingPool:
    """Notes each request, and gives everybody one point."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def submit(self, request: Request) -> Future[Judged]:
        self.asked.append(request)
        done: Future[Judged] = Future()
        done.set_result(Judged(Verdict(1.0, 1.0, cells={"q": CellVerdict(1.0, 1.0, "passed")}), b"{}"))
        return done

    def close(self) -> None:
        pass


class GivenContents:
    """A submission and a release that lie in memory."""

    def __init__(self, sent: dict[str, bytes], source: dict[str, bytes]) -> None:
        self.sent, self.source = sent, source

    def submission_files(self, _row: SubmissionRow) -> dict[str, bytes]:
        return self.sent

    def release_files(self, *_place: str, **_which: Any) -> dict[str, bytes]:
        return self.source


def task(sent: dict[str, bytes], source: dict[str, bytes], assignment: str = "x", **more: Any) -> Task:
    row = SubmissionRow("i", 1, "machine-learning", assignment, "kim", "ab" * 32, 1, "", 0.0, 1, "received", ())
    contents: Any = GivenContents(sent, source)
    return Task(row, 3, newest=False, due=None, contents=contents, **more)


def bench(tmp_path: Path, root: Path) -> tuple[Bench, NotingPool]:
    pool, nobody = NotingPool(), None
    academy = Academy(curriculum=root / "curriculum", state=tmp_path)
    settings = Settings(academy=academy, grading=Grading(memory_mb=777))
    return Bench(settings, nobody, pool), pool  # type: ignore[arg-type]


def test_each_notebook_of_a_submission_goes_to_the_pool_with_the_files_beside_it(tmp_path: Path, root: Path) -> None:
    marking, pool = bench(tmp_path, root)
    sent = {"a.ipynb": b"{}", "b.ipynb": b"{}", "mine.csv": b"1", "data.csv": b"forged"}
    source = {"a.ipynb": b"A", "b.ipynb": b"B", "data.csv": b"2"}
    verdict = marking.mark(task(sent, source, compute="gpu", urgent=False))

    assert [(one.source, one.submission) for one in pool.asked] == [(b"A", b"{}"), (b"B", b"{}")]
    assert all(one.files == {"mine.csv": b"1", "data.csv": b"2"} for one in pool.asked)
    assert {(one.compute, one.priority, one.limits.memory_mb) for one in pool.asked} == {("gpu", "batch", 777)}
    assert (verdict.score, verdict.release_version, verdict.submission_sha256) == (2.0, 3, "ab" * 32)


@pytest.mark.parametrize(("asked", "level"), [("", "namespaces"), ("none", "namespaces"), ("kernel", "kernel")])
def test_the_stricter_level_of_academy_and_assignment_counts(
    tmp_path: Path, root: Path, asked: str, level: str
) -> None:
    marking, pool = bench(tmp_path, root)
    marking.mark(task({"a.ipynb": b"{}"}, {"a.ipynb": b"A"}, minimum_level=asked))

    assert pool.asked[0].limits.minimum_level == level


def test_a_checker_travels_as_its_text_with_a_seed_that_stays(tmp_path: Path, root: Path) -> None:
    marking, pool = bench(tmp_path, root)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "receipt.ed25519").write_bytes(b"secret")
    checker = next((root / "graders/academy/machine-learning").glob("*.py"))
    for _ in range(2):
        marking.mark(task({"a.ipynb": b"{}"}, {"a.ipynb": b"A"}, checker.stem))
    first, second = pool.asked

    assert (first.checker, first.checker_name) == (checker.read_bytes(), checker.name)
    assert first.seed == second.seed > 0
    assert first.priority == "interactive"


def test_a_notebook_that_was_renamed_is_told_and_nothing_is_judged(tmp_path: Path, root: Path) -> None:
    marking, pool = bench(tmp_path, root)
    with pytest.raises(InputError):
        marking.mark(task({"z.ipynb": b"{}"}, {"a.ipynb": b"A"}))

    assert pool.asked == []
