"""Clocks at the engine's joints, put there from outside: what each step of one submission takes.

For one submission at a time. A step that waits for the student's process shows its wall time; the supervisor's own
CPU seconds stand beside it, and what is left of the whole is the sandbox's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bitgoeul.grading import cgroups, engine, gradebook, notebooks, running, sandbox, zygotes

STEPS = (
    ("read and sanitise", notebooks, "read"),
    ("read and sanitise", engine, "sanitise"),
    ("complements written", engine, "complement"),
    ("files packed", sandbox, "_pack"),
    ("fork", zygotes.Zygote, "fork"),
    ("memory group", cgroups, "make"),
    ("memory group", cgroups.MemoryGroup, "add"),
    ("memory group", cgroups.MemoryGroup, "end"),
    ("end of all processes", zygotes.Forked, "end"),
    ("lines parsed and checked", running, "_take"),
    ("scores", engine, "_scores"),
    ("notebook written", notebooks, "write"),
    ("gradebook", gradebook.CourseBook, "record"),
)


class Clocks:
    """Adds up wall and CPU seconds by step, from the time it is made."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        self.inside = 0
        self.asked = ("walls", time.perf_counter())
        for step, owner, name in STEPS:
            setattr(owner, name, self.timed(step, getattr(owner, name)))
        self.listen()

    def timed(self, step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def clocked(*arguments: Any, **more: Any) -> Any:
            if self.inside:  # a step of a step
                return work(*arguments, **more)
            self.inside += 1
            wall, cpu = time.perf_counter(), time.thread_time()
            try:
                return work(*arguments, **more)
            finally:
                self.inside -= 1
                self.add(step, time.perf_counter() - wall, time.thread_time() - cpu)

        return clocked

    def add(self, step: str, wall: float, cpu: float = 0.0) -> None:
        self.wall[step] = self.wall.get(step, 0.0) + wall
        self.cpu[step] = self.cpu.get(step, 0.0) + cpu

    def listen(self) -> None:
        """Time between what is said to a kernel and its answer: cells, and their complements."""
        begin, heard = running.Cells.begin, running.Cells.heard

        def begun(cells: running.Cells) -> Any:
            self.asked = ("walls and start", time.perf_counter())
            return begin(cells)

        def answered(cells: running.Cells, line: bytes) -> Any:
            step, since = self.asked
            now = time.perf_counter()
            self.add(step, now - since)
            said = heard(cells, line)
            what = cells.now[0] if cells.now else "cell"
            names = {"try": "complement run"}
            test = bool(cells.now and cells.now[1] in cells.complements)
            self.asked = (names.get(what, "test cells and the one fork" if test else "cells"), time.perf_counter())
            return said

        running.Cells.begin, running.Cells.heard = begun, answered  # type: ignore[method-assign]

    def per_submission(self, count: int, cpu: float) -> dict[str, Any]:
        return {
            "wall": {step: seconds / count for step, seconds in self.wall.items()},
            "cpu": {step: seconds / count for step, seconds in self.cpu.items()},
            "all_cpu": cpu / count,
            "supervisor_cpu": sum(self.cpu.values()) / count,
        }
