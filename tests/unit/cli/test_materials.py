"""Courses are built when they changed, and one author's slip keeps nobody out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bitgoeul.cli import materials
from bitgoeul.settings import Academy, Settings


@pytest.fixture
def academy(root: Path, tmp_path: Path) -> Settings:
    """A curriculum of one plain nbgrader course with one small assignment."""
    settings = Settings(academy=Academy(state=tmp_path / "state", curriculum=tmp_path / "curriculum"))
    plain(settings, "first", "ps1")
    return settings


def plain(settings: Settings, course: str, assignment: str, answer: str = "42") -> Path:
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    cell = new_code_cell(f"### BEGIN SOLUTION\nx = {answer}\n### END SOLUTION", id="a")
    cell.metadata["nbgrader"] = {
        "grade": True, "grade_id": "a", "locked": False, "points": 1, "schema_version": 3, "solution": True, "task": False,
    }  # fmt: skip
    folder = settings.academy.curriculum / "track" / course / "source" / assignment
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[cell]), folder / f"{assignment}.ipynb")
    return folder / f"{assignment}.ipynb"


def built(settings: Settings) -> list[str]:
    said: list[str] = []
    materials.build(settings, said.append)
    return [line.split()[0] for line in said if line.startswith("  ")]


def test_a_new_course_is_built_once(academy: Settings) -> None:
    assert built(academy) == ["first/ps1"]
    assert built(academy) == []
    assert (academy.state / "courses/first/release/ps1/ps1.ipynb").is_file()


def test_only_the_changed_assignment_is_built_again(academy: Settings) -> None:
    plain(academy, "first", "ps2")
    built(academy)
    plain(academy, "first", "ps2", answer="43")

    assert built(academy) == ["first/ps2"]


def test_a_lost_state_is_built_again(academy: Settings) -> None:
    built(academy)
    shutil.rmtree(academy.state / "courses/first")

    assert built(academy) == ["first/ps1"]


def test_a_broken_course_is_told_and_the_others_are_built(academy: Settings) -> None:
    broken = academy.academy.curriculum / "track/broken/course.toml"
    broken.parent.mkdir()
    broken.write_text("nonsense = 1\n")
    said: list[str] = []
    materials.build(academy, said.append)

    assert [line for line in said if str(broken) in line]
    assert (academy.state / "courses/first/release/ps1/ps1.ipynb").is_file()
    assert [line for line in built(academy) if "first" in line] == []


def test_a_broken_course_is_told_at_every_start(academy: Settings) -> None:
    (academy.academy.curriculum / "track/broken").mkdir()
    (academy.academy.curriculum / "track/broken/course.toml").write_text("nonsense = 1\n")
    built(academy)
    said: list[str] = []
    materials.build(academy, said.append)

    assert [line for line in said if "broken" in line]


def test_without_a_curriculum_there_is_nothing_to_build(tmp_path: Path) -> None:
    assert built(Settings(academy=Academy(state=tmp_path, curriculum=tmp_path / "none"))) == []


def test_starting_without_changes_imports_no_nbgrader() -> None:
    code = "import sys, bitgoeul.cli.up; print([m for m in ('nbgrader', 'nbconvert', 'fastapi') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout == "[]\n"
