"""One broken course keeps nobody out of the others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from bitgoeul.app import combined, sound_courses
from bitgoeul.settings import Academy, Settings
from bitgoeul.wire import CellVerdict, Doubt, Verdict


def settings_with(curriculum: Path) -> Settings:
    return Settings(academy=Academy(curriculum=curriculum))


def test_a_course_with_faults_is_left_out_and_the_others_stay(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "curriculum"
    shutil.copytree(root / "curriculum", copy)
    whole = [course.name for course in sound_courses(settings_with(copy))]
    (copy / "academy/machine-learning/course.toml").write_text("title = 3\n")

    left = [course.name for course in sound_courses(settings_with(copy))]

    assert set(whole) - set(left) == {"machine-learning"}
    assert left


def test_no_curriculum_is_no_course(tmp_path: Path) -> None:
    assert sound_courses(settings_with(tmp_path / "nothing")) == ()


def test_verdicts_of_several_notebooks_add_up_under_their_names() -> None:
    one = Verdict(1.0, 2.0, ("kernel-changed",), {"q1": CellVerdict(1.0, 2.0, "passed")})
    one = replace(one, doubts={"q1": Doubt("passed", "passed", 1.0)})
    two = Verdict(0.0, 3.0, (), {"q1": CellVerdict(0.0, 3.0, "failed")})

    found = combined({"a.ipynb": one, "b.ipynb": two})

    assert (found.score, found.max_score, found.flags) == (1.0, 5.0, ("a/kernel-changed",))
    assert set(found.cells) == {"a/q1", "b/q1"}
    assert set(found.doubts) == {"a/q1"}
    assert combined({"a.ipynb": one}) == one
