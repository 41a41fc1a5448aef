"""A course that can be spoilt: a copy of the sound sample in a temporary folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bitgoeul.curriculum.loading import load_course
from bitgoeul.curriculum.model import Assignment
from bitgoeul.errors import CourseError, Fault

PLANTED = Path(__file__).parents[2] / "samples" / "courses" / "planted"

COURSE = """\
title = { ko = "연습", en = "Practice" }
summary = { ko = "짧은 강좌", en = "A short course" }

[assignments.01-mean]
title = { ko = "평균", en = "Mean" }
summary = { ko = "산술 평균", en = "The arithmetic mean" }
objectives = ["A2-1"]
minutes = 30
cpu_seconds = 20
"""


class Spoilable:
    """One course with one assignment, `01-mean`; `spoil` replaces text in one of its files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "track" / "practice"
        self.assignment_folder = self.folder / "01-mean"
        shutil.copytree(PLANTED / "sound", self.assignment_folder)
        (self.folder / "course.toml").write_text(COURSE, encoding="utf-8")

    def spoil(self, file: str, old: str, new: str) -> int:
        """Replace text and give the line where it stood."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def assignment(self) -> Assignment:
        return load_course(self.folder).assignments[0]

    def faults(self, act: Callable[[], object]) -> tuple[Fault, ...]:
        with pytest.raises(CourseError) as caught:
            act()
        return caught.value.faults


@pytest.fixture
def course(tmp_path: Path) -> Spoilable:
    return Spoilable(tmp_path / "curriculum")
