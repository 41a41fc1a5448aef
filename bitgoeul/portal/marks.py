"""What people wrote into nbgrader's gradebook about one student's answers: points and comments, by question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from bitgoeul.names import AssignmentName, CourseName, UserName


@dataclass(frozen=True)
class Mark:
    """What the gradebook says of one cell. `points` is None while it waits for a person, or has none to give."""

    points: float | None = None
    comment: str = ""


#: One student's marks in one assignment, by the cell's name as verdicts have it.
Marks = Callable[[CourseName, AssignmentName, UserName], Mapping[str, Mark]]


def read(url: str, course: CourseName, assignment: AssignmentName, student: UserName) -> dict[str, Mark]:
    """Read one student's marks; none before there is a gradebook row of him. The gradebook has to be there."""
    with Gradebook(url, course) as book:
        try:
            notebooks = book.find_submission(assignment, student).notebooks
        except MissingEntry:
            return {}
        found: dict[str, Mark] = {}
        for notebook in notebooks:
            prefix = f"{notebook.name}/" if len(notebooks) > 1 else ""
            found |= {prefix + name: mark for name, mark in _cells(notebook).items()}
    return found


def _cells(notebook: Any) -> dict[str, Mark]:
    points = {grade.name: None if grade.needs_manual_grade else float(grade.score) for grade in notebook.grades}
    comments = {comment.name: (comment.manual_comment or "").strip() for comment in notebook.comments}
    return {name: Mark(points.get(name), comments.get(name, "")) for name in {**points, **comments}}


def comments_beside(marks: Mapping[str, Mark], questions: Mapping[str, object]) -> dict[str, str]:
    """The comments on cells that are no question themselves: nbgrader keeps one on the answer, not on its test."""
    return {name: mark.comment for name, mark in marks.items() if mark.comment and name not in questions}
