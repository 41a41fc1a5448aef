"""Scores equal those of stock `nbgrader autograde`, cell by cell, or the difference is listed with its reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode, reads

from bitgoeul.errors import InputError
from bitgoeul.grading.engine import Engine
from bitgoeul.wire import Verdict
from tests.unit.grading import making
from tests.unit.grading.conftest import LIMITS

FOLDERS = {"apps": making.NBGRADER_FILES, "preprocessors": making.NBGRADER_CELLS}
BESIDE = {name: (making.NBGRADER_FILES / name).read_bytes() for name in ("data.txt", "jupyter.png")}
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
# Tests of code that remembers what was asked of it, in memory and in files: none may be asked twice.
REMEMBERS = making.data(
    making.solution(
        "s",
        "### BEGIN SOLUTION\nimport os, sqlite3\nclass Counter:\n    n = 0\n    def up(self): self.n += 1\n"
        "counter, numbers, stack = Counter(), iter(range(9)), [1, 2, 3]\n"
        "def log(): open('log', 'a').write('x')\ndb = sqlite3.connect('a.db')\ndb.execute('create table t (x)')\n"
        "def insert(x):\n    db.execute('insert into t values (?)', (x,))\n    db.commit()\n### END SOLUTION",
    ),
    making.test_cell("up", 1, "counter.up()\nassert counter.n == 1"),
    making.test_cell("again", 1, "counter.up()\nassert counter.n == 2"),
    making.test_cell("next", 1, "assert next(numbers) == 0\nassert next(numbers) == 1"),
    making.test_cell("pop", 1, "assert stack.pop() == 3 and stack.pop() == 2"),
    making.test_cell("log", 1, "log()\nassert open('log').read() == 'x'"),
    making.test_cell("log-again", 1, "log()\nassert open('log').read() == 'xx'"),
    making.test_cell("mkdir", 1, "os.mkdir('out')\nassert os.listdir('out') == []"),
    making.test_cell("insert", 1, "insert(1)\nassert db.execute('select count(*) from t').fetchone()[0] == 1"),
    making.test_cell("insert-again", 1, "insert(2)\nassert db.execute('select count(*) from t').fetchone()[0] == 2"),
)


# The commands `nbgrader generate_assignment` and `nbgrader autograde`, without starting Python for each.
STOCK = """
import json, sys
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
config = Config()
config.CourseDirectory.root = "."
config.CourseDirectory.course_id = "course"
config.Exchange.root = "exchange"
config.Execute.timeout = 4
api = NbGraderAPI(CourseDirectory(config=config), config=config)
found = []
for number in range(int(sys.argv[1])):
    if not api.generate_assignment(f"ps{number}")["success"]:
        found.append("not released")
    elif not api.autograde(f"ps{number}", "minji")["success"]:
        found.append("not graded")
    else:
        with Gradebook("sqlite:///gradebook.db", "course") as book:
            grades = book.find_submission_notebook("p", f"ps{number}", "minji").grades
            found.append({grade.name: grade.auto_score for grade in grades})
with open("found.json", "w") as file:
    json.dump(found, file)
"""
Scores = dict[str, float | None] | str
"""By cell, `None` for what is left to a person; or a word for what could not be done."""


def fixtures() -> dict[str, tuple[bytes, bytes]]:
    """Every notebook in nbgrader's wheel that is one of an assignment, before the source that it was made from."""
    found = {}
    for place, folder in FOLDERS.items():
        for path in sorted(folder.glob("*.ipynb")):
            source = path
            for mark in ("-changed", "-grade-cell", "-locked-cell", "-answer-cell", "-cheat", "-hidden-changed"):
                head = path.stem.split(mark)[0]
                for unchanged in (f"{head}-unchanged.ipynb", f"{head}-hidden-unchanged.ipynb"):
                    if mark in path.stem and (folder / unchanged).exists():
                        source = folder / unchanged
            if path.stem in ("test-v0", "test-v1", "test-v2"):
                source = folder / "test.ipynb"
            if '"nbgrader"' in source.read_text():
                found[f"{place}/{path.stem}"] = source.read_bytes(), path.read_bytes()
    return found


def changed(change: Callable[[NotebookNode], None]) -> bytes:
    sent = making.submission()
    change(sent)
    return making.as_bytes(sent)


def made(**parts: str) -> tuple[bytes, bytes]:
    return making.assignment(), making.as_bytes(making.submission(**parts))


def cases() -> dict[str, tuple[bytes, bytes]]:
    """Source and submission by name."""
    course = making.assignment()
    wrong = "def add(a, b):\n    return 0"
    second = making.test_cell("add-check", 2, "pass")
    return fixtures() | {
        "right": made(),
        "wrong": made(add="def add(a, b):\n    return 5"),
        "crash": made(add="1 / 0"),
        "syntax": made(add="def add(:"),
        "no answer": made(why="YOUR ANSWER HERE"),
        "printing": made(before="print('x')\n5"),
        "magic": made(before="%time x = 1\n!echo hi\nawait __import__('asyncio').sleep(0)"),
        "shows all": made(before="get_ipython().ast_node_interactivity = 'all'"),
        "partial": (PARTIAL, PARTIAL),
        "remembers": (REMEMBERS, REMEMBERS),
        "stderr": made(add="import sys\ndef add(a, b):\n    print('50%', file=sys.stderr)\n    return a + b"),
        "dead kernel": made(before="import os\nos._exit(0)"),
        "test deleted": (course, changed(lambda sent: sent.cells.pop(2))),
        "test doubled": (course, changed(lambda sent: sent.cells.append(second))),
        "points forged": (course, changed(lambda sent: sent.cells[2].metadata.nbgrader.update(points=1000))),
        "role forged": (course, changed(lambda sent: sent.cells[2].metadata.nbgrader.update(grade=False))),
        "kernel forged": (course, changed(lambda sent: sent.metadata.kernelspec.update(name="bash"))),
        "equals everything": made(add="class E:\n    def __eq__(s, o): return True\ndef add(a, b): return E()"),
        "lines dropped": made(before="get_ipython().input_transformers_post.append(lambda ls: ['pass'])", add=wrong),
    }


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scores]:
    """What stock nbgrader gives."""
    folder = tmp_path_factory.mktemp("stock")
    for number, (source, submission) in enumerate(cases().values()):
        for place, data in ((f"source/ps{number}", source), (f"submitted/minji/ps{number}", submission)):
            (folder / place).mkdir(parents=True)
            for name, content in {**BESIDE, "p.ipynb": data}.items():
                (folder / place / name).write_bytes(content)
    environment = {**os.environ, "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", STOCK, str(len(cases()))]
    subprocess.run(command, cwd=folder, env=environment, check=True, stderr=subprocess.DEVNULL)
    return dict(zip(cases(), json.loads((folder / "found.json").read_text()), strict=True))


def judged(engine: Engine, name: str) -> tuple[Scores, Verdict | None]:
    source, submission = cases()[name]
    try:
        verdict = engine.judge(source, submission, BESIDE).verdict
    except InputError:
        return "not released", None
    return {n: None if one.outcome == "manual" else one.score for n, one in verdict.cells.items()}, verdict


def why(name: str, cell: str, verdict: Verdict, theirs: Scores) -> str:
    """Why this cell's score is right where stock's is another one; nothing where there is no reason."""
    submission = reads(cases()[name][1].decode(), as_version=4)
    whole = isinstance(theirs, str)  # one bad cell, and stock grades none
    ids = [one.metadata["nbgrader"] for one in submission.cells if "nbgrader" in one.metadata]
    reasons = {
        "older metadata is upgraded": whole and max(meta.get("schema_version", 0) for meta in ids) < 3,
        "a forged test waits for a person": cell in verdict.doubts,
        "a deleted cell is put back": f"cell-missing:{cell}" in verdict.flags,
        "of two cells with one id one counts": whole and any(flag.startswith("duplicate") for flag in verdict.flags),
        "forged metadata is put right": whole and any(flag.startswith("metadata") for flag in verdict.flags),
        "a dead kernel spoils one cell": whole and "StudentProcessEnded" in judged_output(name),
        "text on stderr costs nothing": "stderr" in judged_output(name),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def judged_output(name: str) -> str:
    source, submission = cases()[name]
    return making.outputs(Engine(LIMITS).judge(source, submission, BESIDE).notebook)


EXCEPTIONS = {
    "apps/test-v0": "older metadata is upgraded",
    "apps/test-v1": "older metadata is upgraded",
    "apps/test-v2": "older metadata is upgraded",
    "dead kernel": "a dead kernel spoils one cell",
    "equals everything": "a forged test waits for a person",
    "lines dropped": "a forged test waits for a person",
    "preprocessors/submitted-answer-cell-type-changed": "forged metadata is put right",
    "preprocessors/submitted-grade-cell-type-changed": "forged metadata is put right",
    "role forged": "forged metadata is put right",
    "stderr": "text on stderr costs nothing",
    "test deleted": "a deleted cell is put back",
    "test doubled": "of two cells with one id one counts",
}


@pytest.mark.timeout(900)
def test_scores_equal_those_of_stock_nbgrader_or_there_is_a_reason(engine: Engine, stock: dict[str, Scores]) -> None:
    reasons: dict[str, set[str]] = {}
    for name, theirs in stock.items():
        ours, verdict = judged(engine, name)
        if ours == theirs or not ours:
            continue
        assert verdict is not None, (name, theirs)
        assert isinstance(ours, dict)
        differing = [cell for cell in ours if isinstance(theirs, str) or ours[cell] != theirs.get(cell, "missing")]
        reasons[name] = {why(name, cell, verdict, theirs) for cell in differing}

    assert reasons == {name: {reason} for name, reason in EXCEPTIONS.items()}


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
