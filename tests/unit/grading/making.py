"""Notebooks for tests, in few words."""

from __future__ import annotations

import json
from pathlib import Path

import nbgrader
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

NBGRADER_FILES = Path(nbgrader.__file__).parent / "tests" / "apps" / "files"
NBGRADER_CELLS = Path(nbgrader.__file__).parent / "tests" / "preprocessors" / "files"


def code(text: str) -> NotebookNode:
    return new_code_cell(text)


def _roles(name: str, **roles: object) -> dict[str, object]:
    meta = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, "grade_id": name}
    return {"nbgrader": {**meta, **roles}}


def solution(name: str, text: str) -> NotebookNode:
    return new_code_cell(text, metadata=_roles(name, solution=True))


def locked(name: str, text: str) -> NotebookNode:
    return new_code_cell(text, metadata=_roles(name, locked=True))


def test_cell(name: str, points: float, text: str) -> NotebookNode:
    return new_code_cell(text, metadata=_roles(name, grade=True, locked=True, points=points))


def answer(name: str, points: float, text: str) -> NotebookNode:
    return new_markdown_cell(text, metadata=_roles(name, grade=True, solution=True, points=points))


def task(name: str, points: float, text: str) -> NotebookNode:
    return new_markdown_cell(text, metadata=_roles(name, task=True, locked=True, points=points))


def notebook(*cells: NotebookNode) -> NotebookNode:
    made = new_notebook(cells=list(cells))
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


def data(*cells: NotebookNode) -> bytes:
    return as_bytes(notebook(*cells))


def as_bytes(made: NotebookNode) -> bytes:
    return writes(made).encode()


RIGHT = "def add(a, b):\n    return a + b\n"
ADD_TEST = (
    "assert add(2, 3) == 5\n### BEGIN HIDDEN TESTS\nsecret_expected = 9173\n"
    "assert add(9000, 173) == secret_expected, 'hidden numbers'\n### END HIDDEN TESTS"
)


def assignment() -> bytes:
    """Two questions: one with a hidden test, and one below it."""
    return data(
        locked("given", "greeting = 'hello'"),
        solution("add", f"### BEGIN SOLUTION\n{RIGHT}### END SOLUTION"),
        test_cell("add-check", 2, ADD_TEST),
        solution("last", "### BEGIN SOLUTION\nlast = 7\n### END SOLUTION"),
        test_cell("last-check", 1, "assert last == 7\nassert greeting == 'hello'"),
        answer("why", 3, "### BEGIN SOLUTION\nbecause\n### END SOLUTION"),
    )


def submission(add: str = RIGHT, last: str = "last = 7", why: str = "It adds.", before: str = "") -> NotebookNode:
    """What a student hands in: the released cells with his answers."""
    cells = [
        locked("given", "greeting = 'hello'"),
        solution("add", add),
        test_cell("add-check", 2, "assert add(2, 3) == 5"),
        solution("last", last),
        test_cell("last-check", 1, "assert last == 7\nassert greeting == 'hello'"),
        answer("why", 3, why),
    ]
    return notebook(*([code(before)] if before else []), *cells)


def outputs(judged: bytes) -> str:
    """All that a notebook's cells wrote, without their sources."""
    return "\n".join(json.dumps(cell.get("outputs", []), ensure_ascii=False) for cell in json.loads(judged)["cells"])


def raw(content: object) -> bytes:
    return json.dumps(content).encode()


test_cell.__test__ = False  # pytest takes functions with this name for tests
