"""Every course in curriculum/ is proved here: a folder is a test, and nothing is listed twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from bitgoeul import settings
from bitgoeul.curriculum.checking import Judgement, check
from bitgoeul.curriculum.loading import load_courses
from bitgoeul.curriculum.model import Assignment
from bitgoeul.grading.engine import Engine

REPOSITORY = Path(__file__).parents[2]
COURSES = load_courses(REPOSITORY / "curriculum")
ASSIGNMENTS = [assignment for course in COURSES for assignment in course.assignments]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(settings.load(REPOSITORY / "academy.toml", {}).grading)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: f"{assignment.course}/{assignment.name}")
def test_the_assignment_is_proved(assignment: Assignment, engine: Engine) -> None:
    def judge(source: bytes, submission: bytes, files: dict[str, bytes]) -> Judgement:
        judged = engine.judge(source, submission, files, checker=assignment.checker)
        return Judgement(judged.verdict, figures=judged.figures)

    matrix = check(assignment, judge)

    assert not [f"{finding.kind} {finding.row}: {finding.text.en}" for finding in matrix.findings]


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.name)
def test_the_academys_own_courses_speak_both_languages(course) -> None:
    texts = [course.title, course.summary, *(text for a in course.assignments for text in (a.title, a.summary))]

    assert all(text.ko and text.en for text in texts)
    assert all(any("가" <= letter <= "힣" for letter in text.ko) for text in texts)
