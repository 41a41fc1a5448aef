"""`check` fails for exactly the reason that is there; each sample's folder names its reason."""

from __future__ import annotations

import threading

import pytest

from bitgoeul.curriculum.checking import Judgement, check
from bitgoeul.curriculum.loading import load_course
from bitgoeul.errors import InputError
from bitgoeul.wire import CellVerdict, Verdict
from tests.fakes.exec_judge import judge
from tests.unit.curriculum.conftest import PLANTED

SAMPLES = {assignment.name: assignment for assignment in load_course(PLANTED, whole=True).assignments}
SOUND = SAMPLES["sound"]


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"sound"}))
def test_a_planted_failure_is_found_and_nothing_else(name: str) -> None:
    matrix = check(SAMPLES[name], judge)

    assert {finding.kind for finding in matrix.findings} == {name}
    assert not matrix.proved
    assert all(finding.text.ko and finding.text.en for finding in matrix.findings)


def test_a_sound_assignment_is_proved() -> None:
    matrix = check(SOUND, judge)

    assert matrix.findings == ()
    assert matrix.columns == ("mean-check",)
    assert [row.kind for row in matrix.rows] == ["solution"] * 2 + ["release"] * 2 + ["friend"] * 2 + ["mutant"] * 4
    assert {mark.exception for row in matrix.rows if row.kind == "mutant" for mark in row.marks.values()} == {
        "AssertionError"
    }


def test_the_survivor_is_named_with_its_misconception() -> None:
    (finding,) = check(SAMPLES["survivor"], judge).findings

    assert finding.row == "other-way"
    assert "adds from the other end" in finding.text.en
    assert "거꾸로 더함" in finding.text.ko


def test_another_exception_counts_where_the_mutant_lists_it(course) -> None:
    course.spoil("01-mean/mutants/sum.py", "return sum(values)", "return sum(values) / count")
    course.spoil("01-mean/mutants/sum.py", "# dies_at", "# dies_by: NameError\n# dies_at")

    assert check(course.assignment(), judge).proved


def test_a_part_of_the_points_lost_is_points_lost(course) -> None:
    hidden = 'assert mean([0, 1]) == 0.5, "소수 평균이 맞지 않습니다 / a mean between whole numbers is off"'
    course.spoil("01-mean/assignment.py", hidden, "2 if mean([0, 1]) == 0.5 else 0.5")
    course.spoil("01-mean/assignment.py", "### END HIDDEN TESTS\n\n", "### END HIDDEN TESTS\n")

    matrix = check(course.assignment(), judge)

    floor = next(row for row in matrix.rows if row.name == "floor").marks["mean-check"]
    assert floor.score == 0.5
    assert matrix.proved


def test_the_budget_is_the_judges_own_figure_where_it_gives_one() -> None:
    def slow(source: bytes, submission: bytes, files: dict[str, bytes]) -> Judgement:
        return Judgement(judge(source, submission, files), cpu_seconds=SOUND.cpu_seconds + 0.1)

    findings = check(SOUND, slow).findings

    assert {finding.kind for finding in findings} == {"over-budget"}
    assert {finding.row for finding in findings} == {"solution (ko)", "solution (en)", "library", "loop"}


def test_a_flag_on_a_right_answer_is_a_finding() -> None:
    def flagging(source: bytes, submission: bytes, files: dict[str, bytes]) -> Verdict:
        found = judge(source, submission, files)
        return Verdict(found.score, found.max_score, ("deleted-cell:mean-check",), found.cells)

    assert {finding.kind for finding in check(SOUND, flagging).findings} == {"flagged"}


def test_an_answer_that_cannot_be_judged_is_a_finding_and_the_rest_goes_on() -> None:
    def picky(source: bytes, submission: bytes, files: dict[str, bytes]) -> Verdict:
        if b"sorted(values)" in submission:
            raise InputError(ko="읽을 수 없습니다.", en="It cannot be read.")
        return judge(source, submission, files)

    matrix = check(SOUND, picky)

    assert [(finding.kind, finding.row) for finding in matrix.findings] == [("not-judged", "median")]
    assert len(matrix.rows) == 9


@pytest.mark.parametrize("outcome", ["timeout", "killed", "not_run"])
def test_a_mutant_that_never_ends_dies_for_the_wrong_reason(outcome: str) -> None:
    def dying(source: bytes, submission: bytes, files: dict[str, bytes]) -> Verdict:
        if b"sorted(values)" not in submission:
            return judge(source, submission, files)
        return Verdict(0, 3, cells={"mean-check": CellVerdict(0, 2, outcome, "time limit: it ran too long")})

    assert [(finding.kind, finding.row) for finding in check(SOUND, dying).findings] == [("wrong-reason", "median")]


def test_a_mutant_may_list_that_it_never_ends(course) -> None:
    course.spoil("01-mean/mutants/median.py", "# dies_at", "# dies_by: timeout\n# dies_at")

    def dying(source: bytes, submission: bytes, files: dict[str, bytes]) -> Verdict:
        if b"sorted(values)" not in submission:
            return judge(source, submission, files)
        return Verdict(0, 3, cells={"mean-check": CellVerdict(0, 2, "timeout", "time limit: it ran too long")})

    assert check(course.assignment(), dying).proved


def test_progress_counts_every_judgement_once() -> None:
    seen: list[tuple[int, int]] = []

    check(SOUND, judge, lambda done, total, label: seen.append((done, total)))

    assert seen == [(done, 10) for done in range(1, 11)]


def test_the_first_answer_is_judged_alone_so_that_its_time_can_be_measured() -> None:
    running, most = [], []
    lock = threading.Lock()

    def counting(source: bytes, submission: bytes, files: dict[str, bytes]) -> Verdict:
        with lock:
            running.append(1)
            most.append(len(running))
        found = judge(source, submission, files)
        with lock:
            running.pop()
        return found

    matrix = check(SOUND, counting)

    assert most[0] == 1
    assert matrix.rows[0].cpu_seconds is not None
    assert all(row.cpu_seconds is None for row in matrix.rows[1:])
