"""What the curriculum consists of, once it was read and found whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from bitgoeul.errors import Text
from bitgoeul.names import AssignmentName, CourseName
from bitgoeul.settings import Level
from bitgoeul.wire import Compute

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")
Results = Literal["now", "after-due", "on-release"]


def find_checker(graders: Path, course: str, assignment: str) -> Path | None:
    """Find the checker of an assignment by its place, `TRACK/COURSE/ASSIGNMENT.py`; the track may be `*`."""
    return next(iter(sorted(graders.glob(f"{course}/{assignment}.py"))), None)


@dataclass(frozen=True)
class Assignment:
    """One assignment. `plain` means nbgrader's own `source/<name>/`, taken in as it is and in one language.

    `minutes` is a learner's time, `cpu_seconds` the budget for judging one submission, `results` says when
    students see what the hidden tests found, `compute` what machine judges it, `minimum_level` how well it has to be
    isolated; without one the academy's counts.
    """

    course: CourseName
    name: AssignmentName
    title: Text
    summary: Text
    folder: Path
    objectives: tuple[str, ...] = ()
    minutes: int = 60
    cpu_seconds: float = 30.0
    results: Results = "now"
    due: datetime | None = None
    compute: Compute = "cpu"
    minimum_level: Level | None = None
    plain: bool = False

    @property
    def stem(self) -> str:
        """The notebook's name: the assignment's without its leading number."""
        return re.sub(r"^\d+-", "", self.name)

    @property
    def course_folder(self) -> Path:
        """The folder that `course.toml` (or nbgrader's `source`) lies in."""
        return self.folder.parents[1] if self.plain else self.folder.parent

    @property
    def checker(self) -> Path | None:
        """The program that judges from outside, if there is one: `graders/` lies beside the curriculum's folder."""
        course = self.course_folder
        return find_checker(course.parents[1].with_name("graders"), f"{course.parent.name}/{course.name}", self.name)

    def variants(self, kind: Literal["friends", "mutants"]) -> tuple[Path, ...]:
        """List the files with other right answers, or with wrong ones."""
        return () if self.plain else tuple(sorted((self.folder / kind).glob("*.py")))


@dataclass(frozen=True)
class Course:
    """One course with its assignments in their order."""

    name: CourseName
    title: Text
    summary: Text
    folder: Path
    track: str
    assignments: tuple[Assignment, ...]
