"""Grading in a staff lab with nbgrader's own commands and the lab's own configuration files.

A student's code must not run there: the lab holds the gradebook, the sources and a staff token.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode, v4
from nbgrader.api import Gradebook

from tests.services.nbgrader_exchange import worlds
from tests.services.nbgrader_exchange.academy import ROOT
from tests.services.nbgrader_exchange.labs import Lab, World, put

hub_and_service, world = worlds.hub_and_service, worlds.world
HIDDEN = "assert mean([3, 5, 100]) == 36"
SOURCE = [
    ("mean", "def mean(xs):\n    ### BEGIN SOLUTION\n    return sum(xs) / len(xs)\n    ### END SOLUTION", 0),
    (
        "test",
        f"assert mean([1, 3]) == 2\n### BEGIN HIDDEN TESTS\n{HIDDEN}, 'wanted thirty-six'\n### END HIDDEN TESTS",
        3,
    ),
]
RIGHT = "def mean(xs):\n    return sum(xs) / len(xs)"
WRONG = "def mean(xs):\n    return xs[1] - xs[0]"
SPY = """
import os, pathlib
pathlib.Path({mark!r}).write_text(os.environ.get("JUPYTERHUB_API_TOKEN", ""))
def mean(xs):
    return 0
"""


def cell(name: str, source: str, points: int) -> NotebookNode:
    mark = {"grade_id": name, "grade": points > 0, "solution": points == 0, "locked": points > 0, "task": False}
    found = v4.new_code_cell(source, id=name)
    found.metadata["nbgrader"] = {**mark, "schema_version": 3, **({"points": points} if points else {})}
    return found


def source_notebook() -> NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    peek = v4.new_code_cell("", id="peek")
    return v4.new_notebook(cells=[*(cell(*row) for row in SOURCE), peek], metadata={"kernelspec": kernel})


def nbgrader(staff: Lab, *arguments: str) -> str:
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "BITGOEUL"))},
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "HOME": str(staff.folder / "home"),
        "JUPYTER_CONFIG_PATH": str(ROOT / "bitgoeul/lab/etc/staff"),
        "JUPYTERHUB_USER": staff.user,
        "JUPYTERHUB_API_TOKEN": staff.token,
        "JUPYTERHUB_ROOT_DIR": str(staff.folder),
        "BITGOEUL_SERVICE_URL": staff.service.url,
        "BITGOEUL_LANGUAGE": "en",
        "BITGOEUL_COURSES": staff.course,
    }
    (staff.folder / "home").mkdir(exist_ok=True)
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=staff.folder, env=environ, check=False, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


@pytest.fixture
def staff(world: World) -> Lab:
    found = world.lab("seoyeon")
    path = found.folder / "source" / "ps1" / "p1.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(source_notebook(), path)
    nbgrader(found, "generate_assignment", "ps1")
    nbgrader(found, "release_assignment", "ps1")
    return found


def hand_in(world: World, user: str, answer: str, peek: str = "") -> Lab:
    lab = world.fetched(user)
    path = lab.work("ps1") / "p1.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[0].source = answer
    notebook.cells[2].source = peek
    nbformat.write(notebook, path)
    lab.do("Submit", "ps1")
    return lab


def grade(staff: Lab) -> dict[str, float]:
    nbgrader(staff, "collect", "ps1", "--update")
    nbgrader(staff, "autograde", "ps1", "--create")
    with Gradebook(f"sqlite:///{staff.folder / 'gradebook.db'}", staff.course) as book:
        return {found.student.id: found.score for found in book.assignment_submissions("ps1")}


def feedback_of(lab: Lab) -> str:
    lab.do("FetchFeedback", "ps1")
    (page,) = lab.work("ps1").glob("feedback/*/p1.html")
    text = re.sub(r"<style.*?</style>|<[^>]+>", "", page.read_text(), flags=re.DOTALL)
    return re.sub(r"\s", "", unescape(text))


def test_nbgraders_commands_grade_by_the_sandbox_and_feedback_comes_back(world: World, staff: Lab) -> None:
    right, wrong = hand_in(world, "minji", RIGHT), hand_in(world, "junho", WRONG, peek="print(In)")
    scores = grade(staff)
    nbgrader(staff, "generate_feedback", "ps1")
    nbgrader(staff, "release_feedback", "ps1")
    pages = [feedback_of(lab) for lab in (right, wrong)]

    assert scores == {"minji": 3.0, "junho": 0.0}
    assert all("defmean(xs):" in page and "assertmean([1,3])==2" in page for page in pages)
    assert all(secret not in page for page in pages for secret in ("[3,5,100]", "thirty-six", "BEGINHIDDEN"))
    assert "AssertionError" in pages[1]


def test_a_students_code_neither_runs_in_the_staff_lab_nor_sees_its_token(
    world: World, staff: Lab, tmp_path: Path
) -> None:
    mark = tmp_path / "the-students-code-was-here"
    hand_in(world, "minji", SPY.format(mark=str(mark)))
    scores = grade(staff)
    shown = (staff.folder / "autograded" / "minji" / "ps1" / "p1.ipynb").read_text()

    assert not mark.exists()
    assert staff.token not in shown
    assert scores == {"minji": 0.0}


def test_files_beside_the_notebook_are_there_when_it_runs(world: World, staff: Lab) -> None:
    lab = world.fetched()
    put(lab.work("ps1") / "data" / "numbers.txt", "1 2 3")
    path = lab.work("ps1") / "p1.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[0].source = f"open('data/numbers.txt').read().split()[2] == '3' or 1 / 0\n{RIGHT}"
    nbformat.write(notebook, path)
    lab.do("Submit", "ps1")

    assert grade(staff) == {"minji": 3.0}


def test_when_the_sandbox_is_out_of_reach_nothing_is_graded_and_the_reason_is_in_the_log(
    world: World, staff: Lab
) -> None:
    hand_in(world, "minji", RIGHT)
    nbgrader(staff, "collect", "ps1")
    staff.token = "0" * 32
    with pytest.raises(AssertionError, match=r"[Ss]ign in"):
        nbgrader(staff, "autograde", "ps1", "--create")

    assert not (staff.folder / "autograded" / "minji" / "ps1" / "p1.ipynb").exists()


def test_the_formgraders_api_lists_by_our_exchange(world: World, staff: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbgrader.apps.api import NbGraderAPI  # heavy, and of this test only

    api: Any = NbGraderAPI(config=staff.config)
    released = api.get_assignment("ps1")
    api.unrelease("ps1")

    assert (released["status"], released["releaseable"]) == ("released", True)
    assert NbGraderAPI(config=staff.config).get_assignment("ps1")["status"] == "draft"
    assert api.release_assignment("ps1")["success"] is True
    assert NbGraderAPI(config=staff.config).get_assignment("ps1")["status"] == "released"
