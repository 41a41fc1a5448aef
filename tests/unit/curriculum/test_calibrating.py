"""Thresholds have to keep clear of right answers: by three standard deviations, over many seeds."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from bitgoeul.curriculum.calibrating import (
    Spread,
    calibrate,
    calibration_file,
    calibration_findings,
    read_calibration,
    write_calibration,
)
from bitgoeul.curriculum.checking import Judgement, check
from bitgoeul.curriculum.matrix import MatrixRow
from bitgoeul.errors import InputError, Text
from bitgoeul.wire import Figure
from tests.fakes.exec_judge import judge

AUC = Figure("auc", 0.9, at_least=0.86)
SPREAD = Spread("auc", "solution", 30, 0.9, 0.01, 0.88, 4.0, 0.86, None)


@pytest.fixture
def checked(course):
    """The sound assignment with a checker's file, so that there is a place for its calibration."""
    checker = course.root.parent / "graders" / "track" / "practice" / "01-mean.py"
    checker.parent.mkdir(parents=True)
    checker.write_text("def check(student, points): ...\n", encoding="utf-8")
    return course.assignment()


def measure(source: bytes, submission: bytes, files: dict[str, bytes], seed: int) -> tuple[Figure, ...]:
    chance = random.Random(seed)
    return Figure("auc", chance.gauss(0.9, 0.01), at_least=0.86), Figure("gap", 0.0, at_least=-0.05, at_most=0.05)


def row(figure: Figure, kind: str = "solution", name: str = "solution (ko)") -> MatrixRow:
    return MatrixRow(kind, name, "ko", Text("", ""), {}, figures=(figure,))  # type: ignore[arg-type]


def test_every_right_answer_is_measured_with_every_seed(checked) -> None:
    spreads = calibrate(checked, measure, runs=40)

    assert [(spread.figure, spread.answer, spread.runs) for spread in spreads] == [
        (figure, answer, 40) for figure in ("auc", "gap") for answer in ("library", "loop", "solution")
    ]
    assert spreads[0].mean == pytest.approx(0.9, abs=0.005)
    assert spreads[0].sd == pytest.approx(0.01, rel=0.3)
    assert spreads[0].margin == pytest.approx((spreads[0].mean - 0.86) / spreads[0].sd, rel=1e-2)
    assert spreads[0].worst < spreads[0].mean
    assert spreads[3].margin > 1000  # a figure that does not wobble


def test_a_calibration_is_kept_beside_the_checker(checked) -> None:
    path = write_calibration(checked, [SPREAD])

    assert path == checked.checker.with_suffix(".figures.json")
    assert read_calibration(checked) == (SPREAD,)
    assert checked.checker.name == "01-mean.py"


def test_without_a_checker_there_is_nothing_to_calibrate(course) -> None:
    assignment = course.assignment()

    assert calibration_file(assignment) is None
    assert read_calibration(assignment) == ()
    with pytest.raises(InputError, match="no thresholds"):
        write_calibration(assignment, [SPREAD])


@pytest.mark.parametrize(
    ("figure", "spreads", "kinds"),
    [
        (AUC, (SPREAD,), []),
        (AUC, (), ["not-calibrated"]),
        (replace(AUC, at_least=0.87), (SPREAD,), ["not-calibrated"]),
        (replace(AUC, value=0.99), (SPREAD,), ["not-calibrated"]),
        (replace(AUC, name="other"), (SPREAD,), ["not-calibrated"]),
        (AUC, (replace(SPREAD, margin=2.9),), ["thin-margin"]),
        (AUC, (SPREAD, replace(SPREAD, answer="library", margin=-1.0)), ["thin-margin"]),
    ],
)
def test_check_holds_thresholds_against_the_calibration(
    figure: Figure, spreads: tuple[Spread, ...], kinds: list[str]
) -> None:
    findings = calibration_findings([row(figure)], spreads)

    assert [finding.kind for finding in findings] == kinds
    assert all(finding.text.ko and finding.text.en for finding in findings)


def test_what_wrong_answers_measure_is_no_matter() -> None:
    assert calibration_findings([row(AUC, "mutant", "m"), row(AUC, "release", "r")], ()) == []


def test_check_fails_until_it_is_calibrated(checked, tmp_path: Path) -> None:
    def judging(source: bytes, submission: bytes, files: dict[str, bytes]) -> Judgement:
        return Judgement(judge(source, submission, files), figures=measure(source, submission, files, 99))

    before = check(checked, judging)
    write_calibration(checked, calibrate(checked, measure))
    after = check(checked, judging)

    assert {finding.kind for finding in before.findings} == {"not-calibrated"}
    assert after.proved
