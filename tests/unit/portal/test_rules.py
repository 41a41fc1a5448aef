"""What a reader sees of a submission, and how scores are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.errors import Text
from bitgoeul.names import AssignmentName, CourseName
from bitgoeul.portal.rules import cell_of, distribution, next_due, standing, trouble, work_of
from bitgoeul.portal.store import Handed, Sheet
from bitgoeul.wire import CellVerdict, SubmissionRow, Verdict, stamp

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
VERDICT = Verdict(
    1.0, 3.0, cells={"a": CellVerdict(1.0, 1.0, "passed"), "b": CellVerdict(0.0, 2.0, "failed", "no", True)}
)


def sheet(**changes) -> Sheet:
    fields = {
        "course": CourseName("ml"),
        "assignment": AssignmentName("01-line"),
        "title": Text("선", "Line"),
        "version": 1,
        "released_at": NOW,
        "notebooks": ("line.ipynb",),
        "languages": ("ko", "en"),
        "max_score": 3.0,
        "due": NOW + timedelta(days=1),
        "withdrawn": False,
        "results": "now",
        "results_released_at": None,
    }
    return Sheet(**{**fields, **changes})


def handed(*, sequence=1, user="minji", state="graded", verdict=VERDICT, feedback_at=None, problem=None) -> Handed:
    row = SubmissionRow(
        id=f"s{sequence}",
        sequence=sequence,
        course="ml",
        assignment="01-line",
        user=user,
        sha256="0" * 64,
        size=1,
        begun_at=stamp(NOW),
        late_seconds=0.0,
        release_version=1,
        state=state,
        notebooks=("line.ipynb",),
        feedback_at=stamp(feedback_at) if feedback_at else None,
    )
    return Handed(row, verdict, problem)


def test_only_the_newest_submission_of_this_student_counts():
    rows = [handed(sequence=3, user="junho"), handed(sequence=2, state="grading", verdict=None), handed(sequence=1)]
    work = work_of(sheet(), "minji", rows, now=NOW)

    assert [h.row.sequence for h in work.submissions] == [2, 1]
    assert work.score is None
    assert work.busy


@pytest.mark.parametrize(
    ("changes", "fed", "shown"),
    [
        ({"results": "now"}, None, True),
        ({"results": "after-due"}, None, False),
        ({"results": "after-due", "due": NOW}, None, True),
        ({"results": "after-due", "due": NOW, "extensions": {"minji": NOW + timedelta(days=1)}}, None, False),
        ({"results": "after-due", "due": None}, None, False),
        ({"results": "on-release"}, None, False),
        ({"results": "on-release", "results_released_at": NOW}, None, True),
        ({"results": "on-release"}, NOW, True),
    ],
)
def test_hidden_tests_show_by_the_assignments_policy(changes, fed, shown):
    work = work_of(sheet(**changes), "minji", [handed(feedback_at=fed)], now=NOW)

    assert work.shows_hidden is shown
    assert (work.verdict.cells["b"].message == "no") is shown
    assert work.verdict.max_score == (3.0 if shown else 1.0)


def test_the_gradebooks_score_shows_once_feedback_is_released_and_not_before():
    before = work_of(sheet(), "minji", [handed()], now=NOW, final=2.5)
    after = work_of(sheet(), "minji", [handed(feedback_at=NOW)], now=NOW, final=2.5)

    assert before.score == 1.0
    assert after.score == 2.5


def test_a_new_submission_after_feedback_is_not_called_feedback():
    rows = [handed(sequence=2, state="received", verdict=None), handed(sequence=1, feedback_at=NOW)]

    assert standing(rows[0])[1].en == "Received, waiting"
    assert standing(rows[1])[1].en == "Feedback is here"
    assert standing(None)[1].en == "Not handed in yet"


def test_what_is_due_next_is_the_earliest_that_is_still_open():
    names = ("01-late", "02-done", "03-soon", "04-later", "05-undated")
    dues = (NOW - timedelta(hours=1), NOW + timedelta(hours=1), NOW + timedelta(days=1), NOW + timedelta(days=9), None)
    works = [
        work_of(sheet(assignment=AssignmentName(name), due=due), "minji", [], now=NOW)
        for name, due in zip(names, dues, strict=True)
    ]
    works[1] = work_of(sheet(due=dues[1]), "minji", [handed()], now=NOW)

    assert next_due(works, NOW).sheet.assignment == "03-soon"
    assert next_due([], NOW) is None


def test_a_person_looks_at_what_failed_or_was_flagged():
    flagged = handed(verdict=Verdict(1.0, 1.0, flags=("b: complement passed",)))
    failed = handed(state="failed", verdict=None, problem=Text("커널이 죽었습니다", "The kernel died"))

    assert trouble([handed(), flagged, failed]) == [flagged, failed]


def test_staff_see_the_gradebooks_score_before_the_verdicts():
    assert cell_of(handed()).score == 1.0
    assert cell_of(handed(), 2.5).score == 2.5
    assert cell_of(handed(verdict=None, state="failed")).score is None


@given(st.lists(st.floats(-1, 12, allow_nan=False), min_size=1), st.floats(0.5, 10))
def test_every_score_is_in_one_bin_of_the_distribution(scores, most):
    spread = distribution(scores, most)

    assert sum(b.count for b in spread.bins) == len(scores) == spread.count
    assert (spread.bins[0].low, spread.bins[-1].high) == (0, 100)
    assert spread.tallest >= max(b.count for b in spread.bins)


def test_full_marks_are_in_the_last_bin_and_nothing_gives_no_picture():
    assert distribution([10.0], 10.0).bins[-1].count == 1
    assert distribution([], 10.0) is None
    assert distribution([1.0], 0.0) is None
