from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from bitgoeul.errors import NotFound
from bitgoeul.grading.engine import Engine, Judged
from bitgoeul.grading.gradebook import CourseBook, split_name
from bitgoeul.names import AssignmentName, CourseName, UserName
from tests.unit.grading import making

COURSE, PS1, MINJI, JUNHO = CourseName("course-1"), AssignmentName("ps1"), UserName("minji"), UserName("junho")
DUE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SOURCE = {"ps1.ipynb": making.assignment(), "data.csv": b"the course's"}
RELEASE = {"ps1.ipynb": making.as_bytes(making.submission()), "data.csv": b"the course's"}


@pytest.fixture
def book(tmp_path: Path) -> CourseBook:
    made = CourseBook(tmp_path / "course", COURSE)
    made.prepare(PS1, SOURCE, RELEASE, DUE)
    return made


@pytest.fixture(scope="module")
def judged(engine: Engine) -> dict[str, Judged]:
    def judge(**answers: str) -> Judged:
        return engine.judge(making.assignment(), making.as_bytes(making.submission(**answers)), {})

    return {
        "right": judge(),
        "wrong": judge(add="def add(a, b):\n    return 0"),
        "other answer": judge(why="Because of commutativity."),
        "no answer": judge(why="YOUR ANSWER HERE"),
    }


def record(book: CourseBook, found: Judged, *, student: UserName = MINJI, late: float = -60, **more: object) -> None:
    files = {"ps1.ipynb": found.notebook, "notes/own.txt": b"mine", "data.csv": b"the student's"}
    book.record(student, "김민지", PS1, DUE + timedelta(seconds=late), files, {"ps1": found}, **more)


def grade(book: CourseBook, cell: str, **values: object) -> None:
    """Do what formgrader does when a person types a score or a comment."""
    with Gradebook(book.url, COURSE) as rows:
        if "manual_comment" in values:
            rows.find_comment(cell, "ps1", PS1, MINJI).manual_comment = values["manual_comment"]
        else:
            found = rows.find_grade(cell, "ps1", PS1, MINJI)
            found.manual_score, found.needs_manual_grade = values["manual_score"], False
        rows.db.commit()


def comment(book: CourseBook, cell: str) -> str | None:
    with Gradebook(book.url, COURSE) as rows:
        found = rows.find_comment(cell, "ps1", PS1, MINJI)
        return found.comment


@pytest.fixture
def api(book: CourseBook) -> NbGraderAPI:
    """nbgrader's own door to a course, the one that formgrader uses."""
    config = Config()
    config.CourseDirectory.root = str(book.folder)
    config.CourseDirectory.course_id = COURSE
    config.Exchange.root = str(book.folder / "exchange")
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def test_a_prepared_assignment_is_what_generate_assignment_leaves(book: CourseBook, api: NbGraderAPI) -> None:
    found = api.get_assignment(PS1)

    assert (book.folder / "source/ps1/data.csv").read_bytes() == b"the course's"
    assert (found["name"], found["status"], found["max_score"]) == ("ps1", "draft", 6.0)
    assert found["duedate"] == "2026-11-20T09:00:00"
    assert [row["name"] for row in api.get_notebooks(PS1)] == ["ps1"]


def test_the_gradebook_has_the_rows_that_nbgraders_own_command_makes(book: CourseBook, tmp_path: Path) -> None:
    stock = tmp_path / "stock"
    (stock / "source/ps1").mkdir(parents=True)
    (stock / "source/ps1/ps1.ipynb").write_bytes(making.assignment())
    run_nbgrader(stock, "generate_assignment", "ps1")

    def rows(folder: Path) -> list[object]:
        with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", COURSE) as db:
            notebook = db.find_notebook("ps1", PS1)
            kinds = (notebook.grade_cells, notebook.solution_cells, notebook.task_cells, notebook.source_cells)
            drop = {"id", "assignment", "notebook"}
            return [
                sorted(({k: v for k, v in cell.to_dict().items() if k not in drop} for cell in kind), key=str)
                for kind in kinds
            ] + [json.loads(notebook.kernelspec)]

    assert rows(book.folder) == rows(stock)


def test_a_recorded_submission_lies_where_nbgrader_looks(
    book: CourseBook, judged: dict[str, Judged], api: NbGraderAPI
) -> None:
    record(book, judged["right"])
    submission = api.get_submission(PS1, MINJI)
    folder = book.folder / "autograded/minji/ps1"

    assert (submission["autograded"], submission["submitted"]) == (True, True)
    assert (submission["score"], submission["max_score"], submission["needs_manual_grade"]) == (3.0, 6.0, True)
    assert submission["timestamp"] == "2026-11-20T08:59:00"
    assert (submission["last_name"], submission["first_name"]) == ("김", "민지")
    assert (book.folder / "submitted/minji/ps1/timestamp.txt").read_text() == "2026-11-20 08:59:00.000000 +0000"
    assert (book.folder / "submitted/minji/ps1/data.csv").read_bytes() == b"the student's"
    assert (folder / "data.csv").read_bytes() == b"the course's"
    assert (folder / "notes/own.txt").read_bytes() == b"mine"
    assert sorted(path.name for path in (book.folder / "autograded/minji").iterdir()) == ["ps1"]


def test_recording_again_changes_nothing(book: CourseBook, judged: dict[str, Judged]) -> None:
    record(book, judged["right"])
    once = book.scores(PS1)
    record(book, judged["right"])

    assert book.scores(PS1) == once


def test_manual_scores_and_comments_stay_where_the_answer_is_the_same(
    book: CourseBook, judged: dict[str, Judged]
) -> None:
    record(book, judged["wrong"])
    grade(book, "why", manual_score=2.5)
    grade(book, "why", manual_comment="Well said.")
    record(book, judged["right"])
    (score,) = book.scores(PS1)

    assert (score.auto, score.manual, score.total, score.max_score) == (3.0, 2.5, 5.5, 6.0)
    assert comment(book, "why") == "Well said."


def test_manual_scores_and_comments_go_where_the_answer_is_new(book: CourseBook, judged: dict[str, Judged]) -> None:
    record(book, judged["right"])
    grade(book, "why", manual_score=2.5)
    grade(book, "why", manual_comment="Well said.")
    record(book, judged["other answer"])
    (score,) = book.scores(PS1)

    assert (score.manual, score.needs_manual) == (0.0, True)
    assert comment(book, "why") is None


def test_a_persons_score_for_a_test_cell_stays_and_asks_for_another_look(
    book: CourseBook, judged: dict[str, Judged]
) -> None:
    record(book, judged["wrong"])
    grade(book, "add-check", manual_score=1.0)
    record(book, judged["right"])
    (score,) = book.scores(PS1)

    assert (score.total, score.needs_manual) == (2.0, True)


def test_an_answer_left_empty_gets_zero_and_nbgraders_comment(book: CourseBook, judged: dict[str, Judged]) -> None:
    record(book, judged["no answer"])
    (score,) = book.scores(PS1)

    assert (score.total, score.needs_manual) == (3.0, False)
    assert comment(book, "why") == "No response."
    assert book.needs_manual(PS1) == []


def test_lateness_counts_from_the_students_own_due_date(book: CourseBook, judged: dict[str, Judged]) -> None:
    record(book, judged["right"], late=3600)
    record(book, judged["right"], student=JUNHO, late=3600, due=DUE + timedelta(days=1))
    late = {score.student: score.late_seconds for score in book.scores(PS1)}

    assert late == {"junho": 0.0, "minji": 3600.0}


def test_the_penalty_zero_takes_a_late_score_away(tmp_path: Path, judged: dict[str, Judged]) -> None:
    book = CourseBook(tmp_path / "course", COURSE, late_penalty="zero")
    book.prepare(PS1, SOURCE, RELEASE, DUE)
    record(book, judged["right"], late=1)
    (score,) = book.scores(PS1)

    assert (score.auto, score.penalty, score.total) == (3.0, 3.0, 0.0)


def test_a_notebook_that_was_not_handed_in_gets_zero(book: CourseBook) -> None:
    book.record(MINJI, "김민지", PS1, DUE, {"other.txt": b""}, {})
    (score,) = book.scores(PS1)

    assert (score.total, score.max_score, score.needs_manual) == (0.0, 6.0, False)


def test_a_new_release_may_add_and_remove_cells_when_there_are_submissions(
    book: CourseBook, judged: dict[str, Judged]
) -> None:
    record(book, judged["right"])
    grade(book, "why", manual_score=2.0)
    changed = making.data(
        making.solution("add", "### BEGIN SOLUTION\n### END SOLUTION"),
        making.test_cell("new-check", 4, "pass"),
        making.answer("why", 3, "### BEGIN SOLUTION\nbecause\n### END SOLUTION"),
    )
    book.prepare(PS1, {"ps1.ipynb": changed}, {"ps1.ipynb": changed}, DUE)
    (score,) = book.scores(PS1)

    assert (score.max_score, score.manual, score.needs_manual) == (7.0, 2.0, True)


def test_an_assignment_that_nobody_prepared_has_no_scores(book: CourseBook) -> None:
    assert book.scores(AssignmentName("unknown")) == []


def test_formgrader_can_be_driven_on_the_folder(book: CourseBook, judged: dict[str, Judged], api: NbGraderAPI) -> None:
    record(book, judged["right"])
    record(book, judged["wrong"], student=JUNHO)
    notebooks = api.get_notebook_submissions(PS1, "ps1")

    assert sorted(api.get_submitted_students(PS1)) == ["junho", "minji"]
    assert sorted(api.get_autograded_students(PS1)) == ["junho", "minji"]
    assert sorted(row["score"] for row in api.get_submissions(PS1)) == [1.0, 3.0]
    assert sorted(row["failed_tests"] for row in notebooks) == [False, True]
    assert api.get_student(MINJI)["score"] == 3.0


def run_nbgrader(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments, f"--course={COURSE}"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
            "JUPYTER_CONFIG_DIR": str(folder),
        },
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_nbgraders_own_feedback_command_works_on_the_folder(book: CourseBook, judged: dict[str, Judged]) -> None:
    record(book, judged["right"])
    run_nbgrader(book.folder, "generate_feedback", "ps1")

    assert "Score: 2.0 / 2.0" in (book.folder / "feedback/minji/ps1/ps1.html").read_text()


@pytest.mark.parametrize(
    ("shown", "parts"),
    [
        ("김민지", ("민지", "김")),
        ("남궁민수", ("민수", "남궁")),
        ("아멜리아 존스", ("아멜리아", "존스")),
        ("Minji Kim", ("Minji", "Kim")),
        ("민", ("민", "-")),
        ("", ("-", "-")),
    ],
)
def test_names_have_two_parts_because_formgrader_shows_them_only_then(shown: str, parts: tuple[str, str]) -> None:
    assert split_name(shown) == parts


def test_points_by_hand_count_and_what_was_there_comes_back(book: CourseBook, judged: dict[str, Judged]) -> None:
    record(book, judged["wrong"])
    zero = book.scores(PS1)[0].total
    before = book.give(MINJI, PS1, "add-check", 2.0)
    given = book.scores(PS1)[0].total
    again = book.give(MINJI, PS1, "add-check", before)

    assert (before, again) == (None, 2.0)
    assert (zero, given, book.scores(PS1)[0].total) == (1.0, 3.0, 1.0)
    assert book.give(MINJI, PS1, "ps1/add-check", 0.5) is None, "with the notebook's name, where there are several"


def test_taking_points_back_leaves_a_manual_cell_waiting(book: CourseBook, judged: dict[str, Judged]) -> None:
    record(book, judged["right"])
    book.give(MINJI, PS1, "why", 3.0)
    settled = book.needs_manual(PS1)
    book.give(MINJI, PS1, "why", None)

    assert (settled, book.needs_manual(PS1)) == ([], ["minji"])


@pytest.mark.parametrize("cell", ["nothing", "other/add-check", ""])
def test_points_for_a_cell_that_is_not_there_are_refused(
    book: CourseBook, judged: dict[str, Judged], cell: str
) -> None:
    record(book, judged["right"])
    with pytest.raises(NotFound):
        book.give(MINJI, PS1, cell, 1.0)


def test_points_given_by_hand_stay_when_the_same_work_is_judged_again(
    book: CourseBook, judged: dict[str, Judged]
) -> None:
    record(book, judged["wrong"])
    book.give(MINJI, PS1, "add-check", 2.0)
    record(book, judged["wrong"])

    assert book.scores(PS1)[0].total == 3.0
