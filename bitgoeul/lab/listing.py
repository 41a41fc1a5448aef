"""What there is to fetch, and what was handed in: asked of the service each time, in one request a course.

nbgrader's formgrader lists at every page and its panel twice a refresh, so this asks over the kept
connection, gives up soon, and raises nothing but `ExchangeError`.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbgrader.exchange.abc import ExchangeList as ABCExchangeList
from traitlets import default

from bitgoeul import wire
from bitgoeul.errors import Text
from bitgoeul.lab.base import ServiceExchange
from bitgoeul.lab.fetch import feedback_folder, fetched, out_of_date

Row = dict[str, Any]


class ExchangeList(ServiceExchange, ABCExchangeList):  # type: ignore[misc]  # nbgrader ships no types
    """`nbgrader list`, the panels' lists and the formgrader's."""

    @default("patience")
    def _patience_default(self) -> float:
        return 1.0

    def list_files(self) -> list[Row]:
        """Return the rows of nbgrader's format, with `due` and a few more keys that it does not know."""
        with self.reasons():
            rows = self.parse_assignments()
        self._tell(rows, "Submitted assignments:", "Released assignments:")
        return rows

    def remove_files(self) -> list[Row]:
        """Withdraw releases, or forget cached copies. Submissions are kept for ever: those stay."""
        with self.reasons():
            rows = self.parse_assignments()
            self._tell(rows, "Removing submitted assignments:", "Removing released assignments:")
            if self.inbound:
                self.log.warning(self.say(Text("낸 과제는 지우지 않습니다.", "Submissions are never removed.")))
            elif self.cached:
                for row in itertools.chain.from_iterable(group["submissions"] for group in rows):
                    self._forget(row)
            else:
                for row in rows:
                    self.client.withdraw(row["course_id"], row["assignment_id"])
        return rows

    def parse_assignments(self) -> list[Row]:
        """The rows: releases flat; submissions in groups of course, student and assignment."""
        courses = [self.coursedir.course_id] if self.coursedir.course_id else self._courses()
        if self.inbound or self.cached:
            return _groups(row for course in courses for row in self._submitted(course))
        return [self._released(row) for course in courses for row in self._releases(course)]

    def _courses(self) -> list[str]:
        me = self.client.me()
        return sorted({*me.student_of, *me.staff_of})

    def _releases(self, course: str) -> list[wire.ReleaseRow]:
        pattern = self.coursedir.assignment_id
        rows = self.client.assignments(course)
        fitting = [row for row in rows if not row.withdrawn and self.wanted(row.assignment, pattern)]
        return sorted(fitting, key=lambda row: row.assignment)

    def _released(self, row: wire.ReleaseRow) -> Row:
        folder = self.work_folder(row.course, row.assignment)
        status = "fetched" if folder.exists() else "released"
        if status == "fetched":
            notebooks = [_notebook(path.stem, str(path)) for path in sorted(folder.glob("*.ipynb"))]
        else:
            notebooks = [_notebook(Path(name).stem, str(folder / name)) for name in row.notebooks]
        return {
            "course_id": row.course,
            "assignment_id": row.assignment,
            "status": "removed" if self.remove else status,
            "path": str(folder),
            "notebooks": notebooks,
            "due": row.due,
            "extended": row.extended,
            "version": row.version,
            "max_score": row.max_score,
        }

    def _submitted(self, course: str) -> list[Row]:
        asked = self.coursedir.student_id
        student = self.client.me().user if self.cached and asked in ("", "*") else asked
        pattern = self.coursedir.assignment_id
        found = [
            self._submission(row)
            for row in self.client.submissions(course)
            if self.wanted(row.user, student) and self.wanted(row.assignment, pattern)
        ]
        return [row for row in found if self.inbound or not self._forgotten(row).exists()]

    def _submission(self, row: wire.SubmissionRow) -> Row:
        stamp = self.stamp(row.begun_at)
        copy = Path(self.cache) / row.course / f"{row.user}+{row.assignment}+{stamp}"
        place = feedback_folder(self, row)
        local, updated = fetched(place) is not None, out_of_date(place, row)
        notebooks = [self._feedback_state(Path(name).stem, copy, place, row) for name in row.notebooks]
        return {
            "course_id": row.course,
            "student_id": row.user,
            "assignment_id": row.assignment,
            "timestamp": stamp,
            "status": "removed" if self.remove and self.cached else "submitted",
            "path": str(copy),
            "notebooks": notebooks,
            "has_local_feedback": local,
            "has_exchange_feedback": row.feedback_at is not None,
            "feedback_updated": updated,
            "local_feedback_path": str(place) if local else None,
            "submission_id": row.id,
            "sequence": row.sequence,
            "state": row.state,
            "late_seconds": row.late_seconds,
        }

    def _feedback_state(self, name: str, copy: Path, place: Path, row: wire.SubmissionRow) -> Row:
        page = place / f"{name}.html"
        local = page.is_file()
        return {
            **_notebook(name, str(copy / f"{name}.ipynb")),
            "has_local_feedback": local,
            "has_exchange_feedback": row.feedback_at is not None,
            "local_feedback_path": str(page) if local else None,
            "feedback_updated": out_of_date(place, row),
        }

    def _forgotten(self, row: Row) -> Path:
        return Path(self.cache) / ".removed" / str(row["submission_id"])

    def _forget(self, row: Row) -> None:
        shutil.rmtree(row["path"], ignore_errors=True)
        mark = self._forgotten(row)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()

    def _tell(self, rows: list[Row], submitted: str, released: str) -> None:
        if self.inbound or self.cached:
            self.log.info(submitted)
            for row in itertools.chain.from_iterable(group["submissions"] for group in rows):
                self.log.info(_submitted_line(row))
            return
        self.log.info(released)
        for row in rows:
            self.log.info(self._released_line(row))

    def _released_line(self, row: Row) -> str:
        fetched_already = self.work_folder(row["course_id"], row["assignment_id"]).exists()
        due = f" (due {self.stamp(row['due'])}{', extended' if row['extended'] else ''})" if row["due"] else ""
        return f"{row['course_id']} {row['assignment_id']}{' (already downloaded)' if fetched_already else ''}{due}"


def _notebook(name: str, path: str) -> Row:
    return {"notebook_id": name, "path": path}


def _submitted_line(row: Row) -> str:
    if row["has_local_feedback"] and not row["feedback_updated"]:
        state = "feedback already fetched"
    elif row["has_exchange_feedback"]:
        state = "feedback ready to be fetched"
    else:
        state = "no feedback available"
    return f"{row['course_id']} {row['student_id']} {row['assignment_id']} {row['timestamp']} ({state})"


def _groups(rows: Iterable[Row]) -> list[Row]:
    def key(row: Row) -> tuple[str, ...]:
        return row["course_id"], row["student_id"], row["assignment_id"]

    ordered = sorted(rows, key=lambda row: (*key(row), row["sequence"]))
    groups = []
    for (course, student, assignment), members in itertools.groupby(ordered, key):
        submissions = list(members)
        groups.append(
            {
                "course_id": course,
                "student_id": student,
                "assignment_id": assignment,
                "status": submissions[0]["status"],
                "submissions": submissions,
            }
        )
    return groups
