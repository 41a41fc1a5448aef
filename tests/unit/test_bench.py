"""What the exchange calls to judge, with the real engine and a real gradebook: previews wait aside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bitgoeul.app import Bench
from bitgoeul.exchange.marking import Task
from bitgoeul.grading.engine import Engine
from bitgoeul.grading.pool import LocalPool
from bitgoeul.names import AssignmentName
from bitgoeul.settings import Academy, Grading, Settings
from bitgoeul.wire import SubmissionRow, stamp
from tests.unit.grading import making

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ROW = SubmissionRow(
    id="s1",
    sequence=7,
    course="course-1",
    assignment="ps1",
    user="minji",
    sha256="0" * 64,
    size=1,
    begun_at=stamp(NOW),
    late_seconds=0.0,
    release_version=1,
    state="received",
    notebooks=("ps1.ipynb",),
)
MENDED = making.assignment().replace(b"assert last == 7", b"assert last in (7, 8)")
MORE = MENDED.replace(b'"points": 1', b'"points": 4')


@dataclass
class Shelf:
    """What was handed in, and each version's source."""

    sent: bytes
    sources: dict[int, bytes]

    def submission_files(self, _row: SubmissionRow) -> dict[str, bytes]:
        return {"ps1.ipynb": self.sent}

    def release_files(self, *_place: str, version: int, kind: str, language: str) -> dict[str, bytes]:
        return {"ps1.ipynb": self.sources[version] if kind == "source" else making.as_bytes(making.submission())}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    academy = Academy(state=tmp_path / "state", curriculum=tmp_path / "curriculum")
    engine = Engine(Grading())
    return Bench(Settings(academy=academy), engine, LocalPool(engine, workers=1))


def task(version: int, **more: object) -> Task:
    sent = making.as_bytes(making.submission(last="last = 8"))
    shelf = Shelf(sent, {1: making.assignment(), 2: MENDED, 3: MORE})
    return replace(Task(ROW, version, newest=True, due=None, contents=shelf), **more)  # type: ignore[arg-type]


def total(bench: Bench) -> tuple[float, float]:
    (score,) = bench.book("course-1").scores(AssignmentName("ps1"))
    return score.total, score.max_score


def test_a_preview_leaves_the_gradebook_alone_until_it_is_applied(bench: Bench) -> None:
    bench.mark(task(1))
    before = total(bench)
    previewed = bench.mark(task(2, preview=True))
    during = total(bench)
    bench.apply(task(2))
    after = total(bench)

    assert (before, during, after) == ((2.0, 6.0), (2.0, 6.0), (3.0, 6.0))
    assert (previewed.score, previewed.release_version) == (3.0, 2)
    written = bench.book("course-1").folder / "autograded/minji/ps1/ps1.ipynb"
    assert b"last in (7, 8)" in written.read_bytes(), "feedback shows the test that judged"


def test_applying_a_release_with_other_points_fits_the_gradebook_to_it(bench: Bench) -> None:
    bench.mark(task(1))
    bench.book("course-1").give(ROW.user, AssignmentName("ps1"), "why", 2.5)
    bench.mark(task(3, preview=True))
    bench.apply(task(3))

    assert total(bench) == (2.0 + 4.0 + 2.5, 2.0 + 4.0 + 3.0), "points given by hand stay"


def test_work_that_is_no_longer_the_newest_writes_nothing(bench: Bench) -> None:
    bench.mark(task(1))
    bench.mark(task(2, preview=True))
    bench.apply(task(2, newest=False))

    assert total(bench) == (2.0, 6.0)
