"""Grades an assignment with stock `nbgrader autograde`. Prints one line of JSON.

One right submission is graded by nbgrader's own API in a process that has paid its imports already; the mixed batch
by the command, as an instructor runs it.

    python -m judging.stock ASSIGNMENT REPETITIONS [--no-batch]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from judging import courses
from judging.cpu import Meter

CELL_SECONDS = 5
_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "benchmark"
c.CourseDirectory.root = {root!r}
c.ExecutePreprocessor.timeout = {seconds}
c.ExecutePreprocessor.interrupt_on_timeout = True
"""


def configure(root: Path, seconds: int) -> None:
    (root / "nbgrader_config.py").write_text(_CONFIG.format(root=str(root), seconds=seconds))


def lay_down(root: Path, assignment: courses.Assignment, handed_in: dict[str, bytes]) -> None:
    file = f"{assignment.name}.ipynb"
    places = {root / "source" / assignment.name / file: assignment.source()}
    places |= {root / "submitted" / who / assignment.name / file: data for who, data in handed_in.items()}
    for place, data in places.items():
        place.parent.mkdir(parents=True)
        place.write_bytes(data)
    configure(root, 60)  # alone it may take its time, on a busy machine, too


def command(root: Path, *words: str) -> None:
    program = [str(Path(sys.executable).with_name("nbgrader")), *words]
    done = subprocess.run(program, cwd=root, capture_output=True, text=True, check=False)
    (root / f"{words[0]}.log").write_text(done.stdout + done.stderr)


def alone(root: Path, assignment: courses.Assignment, repetitions: int, meter: Meter) -> dict:
    os.chdir(root)
    config = Config()
    config.CourseDirectory.root = str(root)
    config.ExecutePreprocessor.timeout = 60
    api = NbGraderAPI(config=config)
    taken = []
    for _ in range(repetitions + 1):
        wall, cpu = time.perf_counter(), meter.seconds()
        done = api.autograde(assignment.name, "right00", force=True, create=True)
        taken.append((time.perf_counter() - wall, meter.seconds() - cpu))
        if not done["success"]:
            raise SystemExit(done["log"])
    taken = taken[1:]
    return {"one": statistics.median(w for w, _ in taken), "one_cpu": statistics.median(c for _, c in taken)}


def batch(root: Path, assignment: courses.Assignment, handed_in: dict[str, bytes], meter: Meter) -> dict:
    configure(root, CELL_SECONDS)
    wall, cpu = time.perf_counter(), meter.seconds()
    command(root, "autograde", assignment.name, "--force", "--create")
    wall, cpu = time.perf_counter() - wall, meter.seconds() - cpu
    scores = {}
    with Gradebook(f"sqlite:///{root}/gradebook.db", "benchmark") as book:
        for who in handed_in:
            try:
                scores[who] = book.find_submission(assignment.name, who).score
            except MissingEntry:
                continue
    graded = {path.parent.parent.name for path in root.glob("autograded/*/*/*.ipynb")}
    return {"mixed": wall, "mixed_cpu": cpu, "lost": sorted(set(handed_in) - graded), "scores": scores}


def main() -> None:
    assignment = next(one for one in courses.ALL if one.name == sys.argv[1])
    meter = Meter()
    handed_in = assignment.submissions()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls `alembic`
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lay_down(root, assignment, handed_in)
        command(root, "generate_assignment", assignment.name, "--create", "--force")
        found = alone(root, assignment, int(sys.argv[2]), meter)
        if "--no-batch" not in sys.argv:
            found |= batch(root, assignment, handed_in, meter)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
