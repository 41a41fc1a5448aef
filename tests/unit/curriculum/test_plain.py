"""An existing nbgrader course moves in unchanged: here, one that nbgrader's own quick start makes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from bitgoeul.curriculum.building import build
from bitgoeul.curriculum.checking import check
from bitgoeul.curriculum.loading import load_course, load_courses
from bitgoeul.errors import CourseError
from tests.fakes.exec_judge import judge


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """curriculum/track/course101, with nbgrader's own release in release/."""
    track = tmp_path_factory.mktemp("curriculum") / "track"
    track.mkdir()
    environ = {
        **os.environ,
        "HOME": str(track.parent),
        "JUPYTER_CONFIG_DIR": str(track.parent / "jupyter"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # nbgrader calls `alembic`
    }

    def nbgrader(folder: Path, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments], cwd=folder, env=environ, check=True, capture_output=True
        )

    nbgrader(track, "quickstart", "course101")
    nbgrader(track / "course101", "generate_assignment", "ps1")
    return track / "course101"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_the_quick_starts_course_is_taken_in_unchanged(quickstart) -> None:
    before = tree(quickstart)

    (course,) = load_courses(quickstart.parents[1], whole=True)
    (assignment,) = course.assignments
    built = build(assignment)

    assert (course.name, assignment.name, assignment.plain) == ("course101", "ps1", True)
    assert built.languages == ("ko",)
    assert built.notebooks == ("problem1", "problem2")
    assert built.source["ko"] == tree(quickstart / "source" / "ps1")
    assert built.max_score == 13.0
    assert tree(quickstart) == before


def test_its_release_is_what_nbgrader_itself_releases(quickstart) -> None:
    built = build(load_course(quickstart).assignments[0])
    theirs = tree(quickstart / "release" / "ps1")

    assert set(built.release["ko"]) == set(theirs)
    assert built.release["ko"]["jupyter.png"] == theirs["jupyter.png"]
    for name in ("problem1.ipynb", "problem2.ipynb"):
        ours, stock = (json.loads(content) for content in (built.release["ko"][name], theirs[name]))
        assert [_without_chance(cell) for cell in ours["cells"]] == [_without_chance(cell) for cell in stock["cells"]]
        assert ours["metadata"]["kernelspec"] == stock["metadata"]["kernelspec"]


def _without_chance(cell: dict) -> dict:
    return {key: value for key, value in cell.items() if key != "id"}


def test_the_same_course_builds_the_same_bytes_twice(quickstart) -> None:
    first, second = (build(load_course(quickstart).assignments[0]) for _ in range(2))

    assert first == second


def test_its_solution_gets_all_points_and_its_release_none(quickstart) -> None:
    matrix = check(load_course(quickstart).assignments[0], judge)

    assert [row.name for row in matrix.rows] == [
        "solution problem1 (ko)",
        "solution problem2 (ko)",
        "release problem1 (ko)",
        "release problem2 (ko)",
    ]
    assert matrix.findings == ()


def test_a_course_toml_beside_source_adds_what_notebooks_cannot_say(quickstart, tmp_path) -> None:
    folder = tmp_path / "track" / "course101"
    shutil.copytree(quickstart, folder)
    (folder / "course.toml").write_text(
        'title = { ko = "문제집", en = "Problems" }\n[assignments.ps1]\nresults = "on-release"\n', encoding="utf-8"
    )

    course = load_course(folder)

    assert course.title.ko == "문제집"
    assert course.assignments[0].results == "on-release"


def test_a_courses_own_markers_are_obeyed(quickstart, tmp_path) -> None:
    folder = tmp_path / "track" / "course101"
    shutil.copytree(quickstart, folder)
    notebook = folder / "source" / "ps1" / "problem1.ipynb"
    notebook.write_text(
        notebook.read_text(encoding="utf-8").replace("BEGIN SOLUTION", "BEGIN ANSWER"), encoding="utf-8"
    )
    config = folder / "nbgrader_config.py"
    config.write_text(
        f"{config.read_text(encoding='utf-8')}\nc.ClearSolutions.begin_solution_delimeter = 'BEGIN ANSWER'\n",
        encoding="utf-8",
    )

    assignment = load_course(folder).assignments[0]

    assert b"return [i ** 2" not in build(assignment).release["ko"]["problem1.ipynb"]
    assert check(assignment, judge).proved


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda text: text.replace('"grade_id": "squares"', '"grade_id": "correct_squares"'),
            "Duplicate grade id|validate",
        ),
        (lambda text: text.replace("### END SOLUTION", ""), "no end solution statement"),
        (lambda text: text.replace('"schema_version": 3', '"schema_version": 99'), "nbgrader's metadata"),
        (lambda text: text[:-30], "a notebook was wanted"),
        (lambda text: text.replace("assert squares(1) == [1]", "### AUTOTEST squares(1)"), "AUTOTEST"),
    ],
)
def test_what_nbgrader_would_refuse_is_told_with_its_file(quickstart, tmp_path, spoil, told: str) -> None:
    folder = tmp_path / "track" / "course101"
    shutil.copytree(quickstart, folder)
    notebook = folder / "source" / "ps1" / "problem1.ipynb"
    notebook.write_text(spoil(notebook.read_text(encoding="utf-8")), encoding="utf-8")

    with pytest.raises(CourseError, match=told) as caught:
        build(load_course(folder).assignments[0])

    assert all(fault.place.endswith("problem1.ipynb") for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("line", "told"),
    [("c.x = 1 / 0", "ZeroDivisionError"), ("raise SystemExit(3)", "exit status 3"), ("c.x = (", "SyntaxError")],
)
def test_a_config_that_cannot_run_is_told_and_harms_nobody(quickstart, tmp_path, line: str, told: str) -> None:
    folder = tmp_path / "track" / "course101"
    shutil.copytree(quickstart, folder)
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{line}\n", encoding="utf-8")

    with pytest.raises(CourseError, match=told) as caught:
        build(load_course(folder).assignments[0])

    assert caught.value.faults[0].place.endswith("nbgrader_config.py")


def test_what_a_config_does_besides_stays_in_its_process(quickstart, tmp_path) -> None:
    folder = tmp_path / "track" / "course101"
    shutil.copytree(quickstart, folder)
    (folder / "nbgrader_config.py").write_text(
        "import os\nos.environ['PLANTED'] = '1'\nprint('{}')\nc = get_config()\nc.ClearSolutions.text_stub = 'HERE'\n",
        encoding="utf-8",
    )

    built = build(load_course(folder).assignments[0])

    assert "PLANTED" not in os.environ
    assert b'"HERE"' in built.release["ko"]["problem1.ipynb"]


def test_outputs_of_the_source_stay_out_of_the_release(quickstart, tmp_path) -> None:
    folder = tmp_path / "track" / "course101"
    shutil.copytree(quickstart, folder)
    path = folder / "source" / "ps1" / "problem1.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="385, no doubt\n")]
    nbformat.write(notebook, path)

    assert b"no doubt" not in build(load_course(folder).assignments[0]).release["ko"]["problem1.ipynb"]
