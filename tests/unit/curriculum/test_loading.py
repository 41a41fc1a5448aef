"""course.toml and the folders beside it become courses, or every fault is told at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bitgoeul.curriculum.loading import find_assignment, find_course, load_course, load_courses
from bitgoeul.errors import NotFound, Text


def test_a_course_says_what_its_file_and_folders_say(course) -> None:
    course.spoil(
        "course.toml",
        "cpu_seconds = 20",
        'cpu_seconds = 20\nresults = "after-due"\ncompute = "gpu"\nminimum_level = "kernel"\ndue = 2026-09-01T23:59:00+09:00',
    )

    (found,) = load_courses(course.root)
    (assignment,) = found.assignments

    assert (found.name, found.track, found.title) == ("practice", "track", Text("연습", "Practice"))
    assert (assignment.course, assignment.name, assignment.stem) == ("practice", "01-mean", "mean")
    assert (assignment.minutes, assignment.cpu_seconds, assignment.results) == (30, 20.0, "after-due")
    assert assignment.due == datetime(2026, 9, 1, 14, 59, tzinfo=UTC)
    assert (assignment.compute, assignment.minimum_level) == ("gpu", "kernel")
    assert not assignment.plain


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("minutes = 30", "minuts = 30", "minuts: this key is not known"),
        ("minutes = 30", "minutes = 0", "minutes: Input should be greater"),
        ("cpu_seconds = 20", "cpu_seconds = 'much'", "found 'much'"),
        ('objectives = ["A2-1"]', "objectives = []", "objectives"),
        ("[assignments.01-mean]", "[assignments.01-median]", "no folder of this name"),
        ("cpu_seconds = 20", "due = 2026-09-01T23:59:00", "timezone"),
        ("cpu_seconds = 20", 'results = "never"', "results"),
        ("cpu_seconds = 20", 'compute = "tpu"', "compute"),
        ("cpu_seconds = 20", 'minimum_level = "high"', "minimum_level"),
        ("title = {", "tilte = {", "tilte: this key is not known"),
        ("minutes = 30", "minutes = = 30", "TOML in UTF-8 was wanted"),
    ],
)
def test_a_fault_of_course_toml_is_told_with_its_line(course, old: str, new: str, told: str) -> None:
    line = course.spoil("course.toml", old, new)

    faults = course.faults(lambda: load_courses(course.root))

    assert any(told in fault.text.en and fault.line == line for fault in faults), faults
    assert all(fault.place.endswith("course.toml") for fault in faults)


def test_a_missing_key_is_told(course) -> None:
    course.spoil("course.toml", 'summary = { ko = "산술 평균", en = "The arithmetic mean" }\n', "")

    (fault,) = course.faults(lambda: load_courses(course.root))

    assert fault.text.en == "assignments.01-mean.summary: this key is missing."
    assert fault.text.ko == "assignments.01-mean.summary: 이 항목이 없습니다."
    assert fault.line == 4  # the table that lacks it


def test_an_assignment_folder_without_a_table_is_told(course) -> None:
    text = (course.folder / "course.toml").read_text(encoding="utf-8")
    (course.folder / "course.toml").write_text(text[: text.index("[assignments")], encoding="utf-8")

    (fault,) = course.faults(lambda: load_courses(course.root))

    assert "[assignments.01-mean] is missing" in fault.text.en


def test_faults_of_all_courses_and_all_their_cells_are_told_at_once(course) -> None:
    course.spoil("course.toml", "minutes = 30", "minuts = 30")
    course.spoil("01-mean/assignment.py", " points=2", "")
    course.spoil("01-mean/mutants/sum.py", "dies_at: mean-check", "dies_at: nowhere")
    (course.root / "track" / "empty").mkdir()
    (course.root / "other" / "Bad Name" / "source" / "ps1").mkdir(parents=True)
    (course.root / "other" / "Bad Name" / "source" / "ps1" / "p.ipynb").write_text("{", encoding="utf-8")

    faults = course.faults(lambda: load_courses(course.root, whole=True))
    told = "\n".join(fault.pick("en") for fault in faults)

    for part in (
        "minuts",
        "has no points",
        "nowhere is no test cell",
        "needs a course.toml",
        "course name",
        "a notebook was wanted",
    ):
        assert part in told


def test_two_courses_of_one_name_are_a_fault(course) -> None:
    twin = course.root / "another" / "practice"
    twin.parent.mkdir()
    twin.symlink_to(course.folder, target_is_directory=True)

    (fault,) = course.faults(lambda: load_courses(course.root))

    assert "a course of the same name" in fault.text.en


def test_a_course_without_assignments_is_a_fault(course) -> None:
    (course.folder / "01-mean" / "assignment.py").unlink()
    text = (course.folder / "course.toml").read_text(encoding="utf-8")
    (course.folder / "course.toml").write_text(text[: text.index("[assignments")], encoding="utf-8")

    (fault,) = course.faults(lambda: load_course(course.folder))

    assert fault.text.en == "this course has no assignment."


def test_a_missing_curriculum_is_a_fault(tmp_path, course) -> None:
    (fault,) = course.faults(lambda: load_courses(tmp_path / "nowhere"))

    assert "no such folder" in fault.text.en


def test_challenges_are_no_track(course) -> None:
    (course.root / "challenges" / "fool-the-machine").mkdir(parents=True)

    assert [found.name for found in load_courses(course.root)] == ["practice"]


def test_who_asks_for_an_unknown_name_is_told_the_known_ones(course) -> None:
    courses = load_courses(course.root)

    with pytest.raises(NotFound, match="There are: practice"):
        find_course(courses, "practise")
    with pytest.raises(NotFound, match="There are: 01-mean"):
        find_assignment(find_course(courses, "practice"), "02-mode")
    assert find_assignment(courses[0], "01-mean") is courses[0].assignments[0]
