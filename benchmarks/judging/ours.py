"""Grades an assignment with our engine, everything written as the service writes it. Prints one line of JSON.

python -m judging.ours ASSIGNMENT REPETITIONS [--phases]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bitgoeul.grading.engine import Engine
from bitgoeul.grading.gradebook import CourseBook
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.settings import Grading
from judging import courses, phases
from judging.cpu import Meter

WORKERS = 2
CELL_SECONDS, LATENCIES = 5, 20
COURSE = CourseName("benchmark")


@dataclass
class Desk:
    """What judges and records one assignment's submissions."""

    assignment: courses.Assignment
    engine: Engine
    book: CourseBook

    def __post_init__(self) -> None:
        self.source = self.assignment.source()
        self.file = f"{self.assignment.name}.ipynb"
        self.name = AssignmentName(self.assignment.name)
        self.book.prepare(self.name, {self.file: self.source}, {self.file: self.source}, None)
        self.engine.warm(self.source)

    def grade(self, student: str, notebook: bytes) -> float:
        judged = self.engine.judge(self.source, notebook, {}, seed=1)
        found = {self.assignment.name: judged}
        self.book.record(UserName(student), "김 학생", self.name, datetime.now(UTC), {self.file: notebook}, found)
        return judged.verdict.score

    def batch(self, handed_in: dict[str, bytes]) -> dict[str, float]:
        with ThreadPoolExecutor(WORKERS) as pool:
            return dict(zip(handed_in, pool.map(self.grade, *zip(*handed_in.items(), strict=True)), strict=True))


def timed(what, *arguments, meter: Meter) -> tuple[float, float, object]:
    wall, cpu = time.perf_counter(), meter.seconds()
    result = what(*arguments)
    return time.perf_counter() - wall, meter.seconds() - cpu, result


def measure(assignment: courses.Assignment, repetitions: int) -> dict:
    meter = Meter()
    handed_in = assignment.submissions()
    right = {name: data for name, data in handed_in.items() if name.startswith("right")}
    one = right["right00"]
    engine = Engine(Grading(workers=WORKERS, cell_seconds=CELL_SECONDS))
    with tempfile.TemporaryDirectory() as folder:
        start, start_cpu, desk = timed(Desk, assignment, engine, CourseBook(Path(folder), COURSE), meter=meter)
        desk.batch(dict(list(right.items())[:2]))
        alone = [timed(engine.judge, desk.source, one, {}, meter=meter)[:2] for _ in range(max(7, repetitions))]
        latencies = [timed(desk.grade, "right00", one, meter=meter)[0] for _ in range(LATENCIES)]
        rates = [timed(desk.batch, right, meter=meter)[:2] for _ in range(repetitions)]
        mixed = [timed(desk.batch, handed_in, meter=meter) for _ in range(repetitions)]
        recorded = {row.student: row.total for row in desk.book.scores(desk.name)}
    scores = mixed[0][2]
    return {
        "start": start,
        "start_cpu": start_cpu,
        "one": statistics.median(wall for wall, _ in alone),
        "one_cpu": statistics.median(cpu for _, cpu in alone),
        "latency_p95": sorted(latencies)[int(0.95 * (len(latencies) - 1))],
        "rate": statistics.median(len(right) / wall for wall, _ in rates),
        "best_rate": max(len(right) / wall for wall, _ in rates),
        "rate_cpu": statistics.median(cpu / len(right) for _, cpu in rates),
        "mixed": statistics.median(wall for wall, _, _ in mixed),
        "mixed_cpu": statistics.median(cpu for _, cpu, _ in mixed),
        "lost": sorted(name for name in handed_in if recorded.get(name) != scores[name]),
        "scores": scores,
        "cpu_exact": meter.exact,
    }


def where_time_goes(assignment: courses.Assignment, repetitions: int) -> dict:
    """One right submission after the other, with clocks at the engine's joints."""
    meter = Meter()
    one = assignment.submissions()["right00"]
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(assignment, Engine(Grading(workers=1, cell_seconds=CELL_SECONDS)), CourseBook(Path(folder), COURSE))
        desk.grade("right00", one)
        clocks = phases.Clocks()
        count = max(10, repetitions)
        _, cpu, _ = timed(lambda: [desk.grade("right00", one) for _ in range(count)], meter=meter)
    return clocks.per_submission(count, cpu)


def main() -> None:
    assignment = next(one for one in courses.ALL if one.name == sys.argv[1])
    work = where_time_goes if "--phases" in sys.argv else measure
    print(json.dumps(work(assignment, int(sys.argv[2]))))


if __name__ == "__main__":
    main()
