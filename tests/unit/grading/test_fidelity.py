"""Scores equal those of stock `nbgrader autograde`, cell by cell, on honest notebooks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from bitgoeul.grading.engine import Engine
from tests.unit.grading import making

FILES, CELLS = making.NBGRADER_FILES, making.NBGRADER_CELLS
PARTIAL = making.data(
    making.solution("x", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"),
    making.test_cell("half", 2, "1.0 if x else 0.5"),
    making.test_cell("whole", 2, "2"),
    making.test_cell("word", 2, "'a word'"),
    making.test_cell("nothing", 2, "None"),
    making.test_cell("zero", 2, "0"),
    making.test_cell("empty", 2, ""),
    making.test_cell("printing", 2, "print(0.5)"),
    making.test_cell("raising", 2, "raise ValueError('no')"),
    making.task("essay", 4, "Write an essay."),
)


# The commands `nbgrader generate_assignment` and `nbgrader autograde`, without starting Python for each.
STOCK = """
import sys
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
config = Config()
config.CourseDirectory.root = "."
config.CourseDirectory.course_id = "course"
config.Exchange.root = "exchange"
api = NbGraderAPI(CourseDirectory(config=config), config=config)
for number in range(int(sys.argv[1])):
    for done in (api.generate_assignment(f"ps{number}"), api.autograde(f"ps{number}", "minji")):
        assert done["success"], done
"""


def cases() -> dict[str, tuple[bytes, bytes]]:
    """Source and submission by name."""
    changed = (FILES / "submitted-changed.ipynb").read_bytes()
    unchanged = (FILES / "submitted-unchanged.ipynb").read_bytes()
    test = (FILES / "test.ipynb").read_bytes()
    course = making.assignment()
    return {
        "nothing done": (unchanged, unchanged),
        "done": (unchanged, changed),
        "grade cell changed": (unchanged, (FILES / "submitted-grade-cell-changed.ipynb").read_bytes()),
        "locked cell changed": (unchanged, (FILES / "submitted-locked-cell-changed.ipynb").read_bytes()),
        "cheat": (unchanged, (FILES / "submitted-cheat-attempt.ipynb").read_bytes()),
        "other cheat": (unchanged, (FILES / "submitted-cheat-attempt-alternative.ipynb").read_bytes()),
        "quick start": (test, test),
        "hidden": ((FILES / "test-hidden-tests.ipynb").read_bytes(), (FILES / "test-hidden-tests.ipynb").read_bytes()),
        "task": ((CELLS / "test_taskcell.ipynb").read_bytes(), (CELLS / "test_taskcell.ipynb").read_bytes()),
        "right": (course, making.as_bytes(making.submission())),
        "wrong": (course, making.as_bytes(making.submission(add="def add(a, b):\n    return 5"))),
        "crash": (course, making.as_bytes(making.submission(add="1 / 0"))),
        "syntax": (course, making.as_bytes(making.submission(add="def add(:"))),
        "no answer": (course, making.as_bytes(making.submission(why="YOUR ANSWER HERE"))),
        "printing": (course, making.as_bytes(making.submission(before="print('x')\n5"))),
        "magic": (
            course,
            making.as_bytes(making.submission(before="%time x = 1\n!echo hi\nawait __import__('asyncio').sleep(0)")),
        ),
        "partial": (PARTIAL, PARTIAL),
    }


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float | None]]:
    """What stock nbgrader gives: automatic scores by case and cell. `None` is left to a person."""
    folder = tmp_path_factory.mktemp("stock")
    for number, (source, submission) in enumerate(cases().values()):
        for place, data in ((f"source/ps{number}", source), (f"submitted/minji/ps{number}", submission)):
            (folder / place).mkdir(parents=True)
            (folder / place / "p.ipynb").write_bytes(data)
    environment = {**os.environ, "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}", "PYTHONWARNINGS": "ignore"}
    subprocess.run([sys.executable, "-c", STOCK, str(len(cases()))], cwd=folder, env=environment, check=True)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "course") as book:
        return {
            name: {
                grade.name: grade.auto_score
                for grade in book.find_submission_notebook("p", f"ps{number}", "minji").grades
            }
            for number, name in enumerate(cases())
        }


@pytest.mark.timeout(900)
def test_scores_equal_those_of_stock_nbgrader(engine: Engine, stock: dict[str, dict[str, float | None]]) -> None:
    ours = {}
    for name, (source, submission) in cases().items():
        cells = engine.judge(source, submission, {}).verdict.cells
        ours[name] = {cell: None if found.outcome == "manual" else found.score for cell, found in cells.items()}

    assert ours == stock


def test_text_on_stderr_costs_nothing_where_stock_takes_the_points(engine: Engine) -> None:
    noisy = (
        "import sys, warnings\ndef add(a, b):\n    print('50%', file=sys.stderr); warnings.warn('old'); return a + b"
    )
    verdict = engine.judge(making.assignment(), making.as_bytes(making.submission(add=noisy)), {}).verdict

    assert verdict.cells["add-check"].score == 2


def test_a_notebook_run_for_nbgraders_own_scoring_keeps_stderr_out_of_grade_cells(engine: Engine) -> None:
    noisy = making.test_cell("t", 1, "import sys; print('50%', file=sys.stderr)")
    done = engine.execute(making.data(noisy, making.code("1/0"), making.code("while True: pass")), {})

    assert '"name": "stdout"' in making.outputs(done.notebook)
    assert "ZeroDivisionError" in making.outputs(done.notebook)
    assert done.killed is not None
    assert done.killed.startswith("time limit")


def test_files_beside_the_notebook_can_be_read(engine: Engine) -> None:
    source = making.data(making.test_cell("t", 1, "assert open('data/rows.csv').read() == '1,2'"))
    verdict = engine.judge(source, source, {"data/rows.csv": b"1,2"}).verdict

    assert verdict.score == 1


def test_a_verdict_names_what_made_it_and_comes_out_the_same_again(engine: Engine) -> None:
    shuffled = "order = list({'a', 'b', 'c', 'd', 'e'})\ndef add(a, b):\n    return a + b\nprint(order)"
    sent = making.as_bytes(making.submission(add=shuffled))
    first, second = (engine.judge(making.assignment(), sent, {}, seed=7) for _ in range(2))

    assert first.verdict == second.verdict
    assert making.outputs(first.notebook) == making.outputs(second.notebook)
    assert (first.verdict.isolation, first.verdict.seed) == ("namespaces", 7)
    assert len(first.verdict.submission_sha256) == 64
    assert first.verdict.grader_version
    assert first.verdict.cells["add-check"].hidden
    assert not first.verdict.cells["last-check"].hidden


def test_a_recursion_error_costs_its_own_question_and_little_time(engine: Engine) -> None:
    judged = engine.judge(
        making.assignment(), making.as_bytes(making.submission(add="def add(a, b):\n    return add(a, b)")), {}
    )

    assert judged.verdict.cells["add-check"].outcome == "error"
    assert judged.verdict.cells["add-check"].message.startswith("RecursionError")
    assert judged.verdict.cells["last-check"].score == 1
    assert len(judged.notebook) < 100_000
