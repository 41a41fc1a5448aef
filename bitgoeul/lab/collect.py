"""Collecting: each student's latest submission in `submitted/`, the ones before it in `earlier/`.

`earlier/<student>/<assignment>/<timestamp>/` follows the course's `directory_structure`; nbgrader knows no
step of that name and leaves it alone. `timestamp.txt` holds the service's time, never a client's.
"""

from __future__ import annotations

import itertools
import tempfile
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange.abc import ExchangeCollect as ABCExchangeCollect

from bitgoeul import wire
from bitgoeul.errors import Text
from bitgoeul.lab.base import ServiceExchange, binary, naive_utc
from bitgoeul.lab.bundle import Partial, unpack, write_whole

EARLIER = "earlier"


class ExchangeCollect(ServiceExchange, ABCExchangeCollect):  # type: ignore[misc]  # nbgrader ships no types
    """`nbgrader collect` and the formgrader's Collect button."""

    def init_src(self) -> None:
        """Ask for all submissions, and choose one of each student."""
        rows = [
            row
            for row in self.client.submissions(self.course, self.assignment)
            if self.wanted(row.user, self.coursedir.student_id)
        ]
        ordered = sorted(rows, key=lambda row: (row.user, row.sequence))
        self.by_student = {user: list(of_user) for user, of_user in itertools.groupby(ordered, lambda row: row.user)}
        self.duedate, self.known = self._gradebook()

    def copy_files(self) -> None:
        """Bring every submission that is not here yet."""
        if not self.by_student:
            self.log.warning("No submissions of '%s' for course '%s' to collect", self.assignment, self.course)
            return
        self.log.info("Processing %s submissions of '%s'", len(self.by_student), self.assignment)
        for student, rows in self.by_student.items():
            if self.check_owner and student not in self.known:
                self._warn_unknown(student)
            chosen = self._choose(rows)
            self._collect(chosen)
            for row in rows:
                if row.sequence < chosen.sequence:
                    self._bring(row, self._earlier(row), self.stamp(row.begun_at))
        if self.coursedir.student_id == "*":  # everybody's, so the portal and its audit may know
            newest = max(row.sequence for rows in self.by_student.values() for row in rows)
            self.client.note_collection(self.course, self.assignment, newest)

    def _gradebook(self) -> tuple[datetime | None, set[str]]:
        """The due date and the students it knows; one that is not there yet is not made for this."""
        kind, _, path = self.coursedir.db_url.partition("///")
        if kind == "sqlite:" and not Path(path).exists():
            return None, set()
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            known = {student.id for student in book.students}
            try:
                return book.find_assignment(self.assignment).duedate, known
            except MissingEntry:
                return None, known

    def _warn_unknown(self, student: str) -> None:
        """Stock compares the folder's Unix owner here; our identity is the Hub's, so the gradebook is left."""
        self.log.warning(
            self.say(
                Text(
                    f"{student} 님은 성적부에 없습니다. 이 경고는 ExchangeCollect.check_owner 로 끌 수 있습니다.",
                    f"{student} handed in, but the gradebook does not know this student. ExchangeCollect.check_owner=False hides this.",
                )
            )
        )

    def _choose(self, rows: list[wire.SubmissionRow]) -> wire.SubmissionRow:
        """The latest; with `before_duedate`, the latest in time if there is one (extensions count)."""
        in_time = [row for row in rows if self._in_time(row)] if self.before_duedate else []
        return (in_time or rows)[-1]

    def _in_time(self, row: wire.SubmissionRow) -> bool:
        if row.late_seconds > 0:
            return False
        return self.duedate is None or naive_utc(row.begun_at) <= self.duedate or self._service_has_due()

    def _service_has_due(self) -> bool:
        """Whether the service decides lateness; an extension there outlives the gradebook's date."""
        rows = self.client.assignments(self.course)
        return any(row.assignment == self.assignment and row.due is not None for row in rows)

    def _collect(self, row: wire.SubmissionRow) -> None:
        place = Path(self.coursedir.format_path(self.coursedir.submitted_directory, row.user, self.assignment))
        if not place.is_dir():
            self.log.info("Collecting submission: %s %s", row.user, self.assignment)
            self._bring(row, place, self.stamp(row.begun_at))
            return
        here, there = self.coursedir.get_existing_timestamp(str(place)), naive_utc(row.begun_at)
        newer = self.update and (here is None or there > here)
        if newer or (self.before_duedate and here != there):
            self.log.info("Updating submission: %s %s", row.user, self.assignment)
            self._bring(row, place, self.stamp(row.begun_at))
        elif self.update:
            self.log.info("No newer submission to collect: %s %s", row.user, self.assignment)
        else:
            self.log.info("Submission already exists, use --update to update: %s %s", row.user, self.assignment)

    def _earlier(self, row: wire.SubmissionRow) -> Path:
        inner = self.coursedir.format_path(EARLIER, row.user, self.assignment)
        return Path(inner) / self.stamp(row.begun_at)

    def _bring(self, row: wire.SubmissionRow, place: Path, stamp: str) -> None:
        """Download beside the place, then move: a crash leaves the old one or the new one."""
        if place.is_dir() and place.parent.name == self.assignment:
            return  # an earlier submission, which never changes
        with Partial(place) as partial:
            with tempfile.TemporaryFile(dir=place.parent) as spool:
                self.client.content(row.id, binary(spool))
                unpack(binary(spool), partial.folder)
            write_whole(partial.folder / "timestamp.txt", stamp.encode())
            if self.coursedir.groupshared:
                _share(partial.folder)
            partial.replace()


def _share(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o2770 | path.stat().st_mode & 0o777 if path.is_dir() else 0o664)
