"""The gradebook's rows of one submission, written in one transaction and few statements.

nbgrader's own objects would load the whole assignment for every submission: that took 30 ms of CPU, a fifth of all
that judging a plain notebook took.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    MissingEntry,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Connection, insert, select, update

from bitgoeul.grading.sanitise import grade_id
from bitgoeul.wire import CellVerdict, Verdict

Row = dict[str, Any]
_GRADED, _COMMENTED = ("GradeCell", "TaskCell"), ("SolutionCell", "TaskCell")


@dataclass(frozen=True)
class Graded:
    """What was judged of one notebook: as it was run, its verdict, and the sources that were judged the last time."""

    notebook: NotebookNode | None
    verdict: Verdict | None
    before: Mapping[str, str]


class Rows:
    """Writes through one connection; whoever gave it commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def student(self, name: str, first_name: str, last_name: str) -> None:
        """Write a student's names."""
        self._ensure(Student, {"id": name}, {"first_name": first_name, "last_name": last_name})

    def submission(
        self,
        assignment: str,
        student: str,
        timestamp: datetime,
        due: datetime | None,
        graded: Mapping[str, Graded],
        *,
        zero_if_late: bool,
    ) -> None:
        """Write a submission and all that belongs to it; notebooks that are not in `graded` get no points."""
        found = self._rows(Assignment, Assignment.name, [assignment])
        if not found:
            raise MissingEntry(f"No such assignment: {assignment}")
        known = found[0]
        usual = known["duedate"]
        if due is not None and usual is None:
            usual = due
            self._change(Assignment, known, {"duedate": due})
        extension = due - usual if due is not None and usual is not None else None
        late = usual is not None and timestamp > (due or usual)
        keys = {"assignment_id": known["id"], "student_id": student}
        handed_in = self._ensure(SubmittedAssignment, keys, {"timestamp": timestamp, "extension": extension})
        notebooks = {row["id"]: row["name"] for row in self._rows(Notebook, Notebook.assignment_id, [known["id"]])}
        cells = self._rows(BaseCell, BaseCell.notebook_id, notebooks)
        nothing = Graded(None, None, {})
        for notebook, name in notebooks.items():
            submitted = self._ensure(SubmittedNotebook, {"notebook_id": notebook, "assignment_id": handed_in["id"]}, {})
            here = [cell for cell in cells if cell["notebook_id"] == notebook]
            earned = self._notebook(submitted["id"], here, graded.get(name, nothing))
            penalty = earned if late and zero_if_late else None
            self._change(SubmittedNotebook, submitted, {"late_submission_penalty": penalty})

    def _notebook(self, submitted: str, cells: list[Row], graded: Graded) -> float:
        """Write automatic scores and comments; keep what people wrote where the answer is the same."""
        now = sources(graded.notebook) if graded.notebook is not None else {}
        anew = {name for name in {*now, *graded.before} if now.get(name) != graded.before.get(name)}
        found = {cell["name"]: cell for cell in cells if cell["type"] in _GRADED}
        earned = 0.0
        for name, grade in self._beside(Grade, submitted, found):
            verdict = graded.verdict.cells.get(name) if graded.verdict else None
            values = _grade(grade, verdict, answered_anew=name in anew, changed=bool(anew))
            earned += _score({**grade, **values})
            self._write(Grade, grade, values)
        answers = {grade_id(cell): cell for cell in graded.notebook.cells} if graded.notebook is not None else {}
        found = {cell["name"]: cell for cell in cells if cell["type"] in _COMMENTED}
        for name, comment in self._beside(Comment, submitted, found):
            empty = name in answers and _untouched(answers[name])
            kept = None if name in anew else comment.get("manual_comment")
            self._write(Comment, comment, {"auto_comment": "No response." if empty else None, "manual_comment": kept})
        return earned

    def _beside(self, kind: Any, submitted: str, cells: Mapping[str, Row]) -> Iterable[tuple[str, Row]]:
        """The row of each cell; one that is not there yet has no id."""
        there = {row["cell_id"]: row for row in self._rows(kind, kind.notebook_id, [submitted])}
        fresh = {"notebook_id": submitted}
        return [(name, there.get(cell["id"], {**fresh, "cell_id": cell["id"]})) for name, cell in cells.items()]

    def _write(self, kind: Any, row: Row, values: Row) -> None:
        if "id" in row:
            self._change(kind, row, values)
        else:
            self.connection.execute(insert(kind.__table__), {**row, **values})

    def _rows(self, kind: Any, column: Any, among: Iterable[str]) -> list[Row]:
        chosen = select(kind.__table__).where(column.in_(list(among)))
        return [dict(row) for row in self.connection.execute(chosen).mappings()]

    def _change(self, kind: Any, row: Row, values: Row) -> None:
        if any(row[name] != value for name, value in values.items()):
            self.connection.execute(update(kind.__table__).where(kind.id == row["id"]), values)

    def _ensure(self, kind: Any, keys: Row, values: Row) -> Row:
        """Find the row by its keys, or make it; either way it has these values."""
        table = kind.__table__
        chosen = select(table).where(*(table.c[name] == value for name, value in keys.items()))
        for row in self.connection.execute(chosen).mappings():
            self._change(kind, dict(row), values)
            return dict(row)
        self.connection.execute(insert(table), {**keys, **values})
        return dict(self.connection.execute(chosen).mappings().one())


def sources(notebook: NotebookNode) -> dict[str, str]:
    """The source of each cell that has an id."""
    return {name: cell.source for cell in notebook.cells if (name := grade_id(cell)) is not None}


def _grade(grade: Row, cell: CellVerdict | None, *, answered_anew: bool, changed: bool) -> Row:
    manual = None if answered_anew else grade.get("manual_score")
    auto = None if cell is not None and cell.outcome == "manual" else (cell.score if cell else 0.0)
    # A person's score stays, but he should look again if anything around it is new.
    waits = auto is None if manual is None else bool(grade.get("needs_manual_grade", True)) or changed
    return {"manual_score": manual, "auto_score": auto, "needs_manual_grade": waits}


def _score(grade: Row) -> float:
    """What counts of a grade, as nbgrader adds it up."""
    manual = grade["manual_score"]
    counts = grade["auto_score"] if manual is None else manual
    return 0.0 if counts is None else float(counts) + float(grade.get("extra_credit") or 0.0)


def _untouched(cell: NotebookNode) -> bool:
    meta = cell.metadata["nbgrader"]
    return not utils.is_task(cell) and bool(meta.get("checksum") == utils.compute_checksum(cell))
