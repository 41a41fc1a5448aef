"""Grades one right submission with otter-grader, in a virtual environment of its own. Prints one line of JSON.

python -m judging.otter ASSIGNMENT REPETITIONS FOLDER_OF_THE_ENVIRONMENT
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
import venv
from pathlib import Path

from judging import courses
from judging.cpu import Meter

PACKAGES = {"plain": [], "data": ["pandas", "scikit-learn", "matplotlib"], "torch": ["torch"]}
OTTER = "otter-grader>=7,<8"


def ensure_otter(folder: Path, packages: list[str]) -> Path:
    """Install otter and what the assignment imports, at the versions that we grade with, once."""
    program = folder / "bin" / "otter"
    if not program.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "-q", OTTER, "ipykernel"], check=True)
    done = folder / f"installed-{'-'.join(packages)}"
    if packages and not done.exists():
        subprocess.run([folder / "bin" / "pip", "install", "-q", *packages], check=True)
        done.touch()
    return program


def test_file(question: courses.Question) -> str:
    """A question's test as otter stores it: a doctest of one statement that runs the cell."""
    body = textwrap.indent(f"{question.test}\n{question.hidden}".strip(), "    ")
    lines = ["def _test():", *body.split("\n")]
    code = "\n".join([f">>> {lines[0]}", *(f"... {line}" for line in lines[1:]), ">>> _test()"])
    case = {"code": code, "hidden": False, "locked": False}
    suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    return f"OK_FORMAT = True\n\ntest = { ({'name': question.name, 'points': question.points, 'suites': [suite]})!r}\n"


def lay_down(root: Path, assignment: courses.Assignment) -> None:
    (root / "tests").mkdir()
    cells = ["import otter\ngrader = otter.Notebook()", assignment.given]
    for one in assignment.questions:
        (root / "tests" / f"{one.name}.py").write_text(test_file(one))
        cells += [one.right, f"grader.check({one.name!r})"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    usual = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    made = [{**usual, "source": cell, "id": f"c{place}"} for place, cell in enumerate(cells)]
    notebook = {"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (root / "submission.ipynb").write_text(json.dumps(notebook))


def main() -> None:
    assignment = next(one for one in courses.ALL if one.name == sys.argv[1])
    os.environ.pop("PYTHONPATH", None)  # ours is not otter's
    program = ensure_otter(Path(sys.argv[3]).resolve(), PACKAGES[assignment.name])
    meter = Meter()
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lay_down(root, assignment)
        subprocess.run([program, "generate", "--no-environment"], cwd=root, check=True, capture_output=True)
        bundle = next(root.glob("*.zip"))
        for _ in range(int(sys.argv[2])):
            wall, cpu = time.perf_counter(), meter.seconds()
            done = subprocess.run(
                [program, "run", "-a", bundle.name, "submission.ipynb"],
                cwd=root,
                capture_output=True,
                text=True,
                check=True,
            )
            taken.append((time.perf_counter() - wall, meter.seconds() - cpu))
        found = json.loads((root / "results.json").read_text())
    scores = [one.get("score", 0) for one in found["tests"]]
    if sum(scores) <= 0:
        raise SystemExit(f"otter gave no points: {done.stdout} {found}")
    print(
        json.dumps({"one": statistics.median(w for w, _ in taken), "one_cpu": statistics.median(c for _, c in taken)})
    )


if __name__ == "__main__":
    main()
