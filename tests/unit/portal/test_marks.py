"""Points and comments by question, read from a real gradebook as formgrader leaves it."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from bitgoeul.grading.gradebook import CourseBook
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.portal import marks
from bitgoeul.portal.marks import Mark
from tests.unit.grading import making

COURSE, PS1, MINJI, JUNHO = CourseName("course-1"), AssignmentName("ps1"), UserName("minji"), UserName("junho")


@pytest.fixture
def book(tmp_path: Path) -> CourseBook:
    made = CourseBook(tmp_path / "course", COURSE)
    made.prepare(PS1, {"ps1.ipynb": making.assignment()}, {"ps1.ipynb": making.as_bytes(making.submission())}, None)
    with Gradebook(made.url, COURSE) as rows, rows.db.no_autoflush:
        for student in (MINJI, JUNHO):
            rows.add_student(student)
            rows.add_submission(PS1, student)
        tested = rows.find_grade("add-check", "ps1", PS1, MINJI)
        tested.auto_score, tested.extra_credit, tested.needs_manual_grade = 2.0, 0.5, False
        read = rows.find_grade("why", "ps1", PS1, MINJI)
        read.manual_score, read.needs_manual_grade = 2.5, False
        waits = rows.find_grade("last-check", "ps1", PS1, MINJI)
        waits.auto_score, waits.needs_manual_grade = None, True
        rows.find_comment("why", "ps1", PS1, MINJI).manual_comment = " 잘 썼습니다. \n"
        rows.find_comment("add", "ps1", PS1, MINJI).manual_comment = "이름이 좋습니다."
        rows.find_comment("last", "ps1", PS1, MINJI).auto_comment = "No response."
        rows.db.commit()
    return made


def test_each_question_has_its_points_and_what_a_person_wrote(book: CourseBook) -> None:
    found = marks.read(book.url, COURSE, PS1, MINJI)

    assert found["add-check"] == Mark(2.5)
    assert found["why"] == Mark(2.5, "잘 썼습니다.")
    assert found["last-check"] == Mark(None)
    assert found["last"] == Mark(None)
    assert marks.comments_beside(found, {"add-check": 1, "last-check": 1, "why": 1}) == {"add": "이름이 좋습니다."}


def test_one_student_has_nothing_of_another(book: CourseBook) -> None:
    found = marks.read(book.url, COURSE, PS1, JUNHO)

    assert not any(mark.comment for mark in found.values())
    assert found["why"].points is None


def test_who_handed_in_nothing_has_no_marks(book: CourseBook) -> None:
    assert marks.read(book.url, COURSE, PS1, UserName("amelia")) == {}
    assert marks.read(book.url, COURSE, AssignmentName("ps2"), MINJI) == {}


def test_with_several_notebooks_a_cell_is_named_with_its_notebook(tmp_path: Path) -> None:
    book = CourseBook(tmp_path / "course", COURSE)
    book.prepare(PS1, {"a.ipynb": making.assignment(), "b.ipynb": making.assignment()}, {}, None)
    with Gradebook(book.url, COURSE) as rows, rows.db.no_autoflush:
        rows.add_student(MINJI)
        rows.add_submission(PS1, MINJI)
        rows.find_comment("why", "b", PS1, MINJI).manual_comment = "b에 대한 말"
        rows.db.commit()

    found = marks.read(book.url, COURSE, PS1, MINJI)

    assert found["b/why"].comment == "b에 대한 말"
    assert found["a/why"].comment == ""
