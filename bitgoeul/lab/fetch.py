"""Getting an assignment, and later its feedback. Nothing that a student has is ever overwritten by a fetch."""

from __future__ import annotations

import difflib
import shutil
import tempfile
from pathlib import Path

from nbgrader.exchange.abc import ExchangeFetchAssignment as ABCExchangeFetchAssignment
from nbgrader.exchange.abc import ExchangeFetchFeedback as ABCExchangeFetchFeedback

from bitgoeul import wire
from bitgoeul.errors import Text
from bitgoeul.lab.base import ServiceExchange, binary
from bitgoeul.lab.bundle import Partial, unpack, write_whole

MARK = ".feedback.sha256"


class ExchangeFetchAssignment(ServiceExchange, ABCExchangeFetchAssignment):  # type: ignore[misc]  # nbgrader ships no types
    """`nbgrader fetch_assignment` and the panel's Fetch button."""

    def init_src(self) -> None:
        """Find the release, in the reader's language where it has that."""
        rows = [row for row in self.client.assignments(self.course) if not row.withdrawn]
        self.row = next((row for row in rows if row.assignment == self.assignment), None)
        if self.row is None:
            near = difflib.get_close_matches(self.assignment, [row.assignment for row in rows], 1)
            hint_ko, hint = (f" 혹시 {near[0]} 인가요?", f" Did you mean {near[0]}?") if near else ("", "")
            self.refuse(
                Text(
                    f"{self.course} 강좌에 배포된 과제 {self.assignment}이(가) 없습니다.{hint_ko}",
                    f"Assignment not found: {self.assignment} in {self.course}.{hint}",
                )
            )

    def init_dest(self) -> None:
        """Refuse when there is a copy already, unless only missing files are wanted."""
        self.dest_path = self.work_path
        if self.dest_path.is_dir() and not self.replace_missing_files:
            self.refuse(
                Text(
                    f"이미 받은 과제입니다: {self.dest_path}. 지운 파일만 다시 받으려면 --replace 를 쓰세요.",
                    f"You already have a copy of the assignment in this directory: {self.dest_path}. --replace gets missing files.",
                )
            )

    def copy_files(self) -> None:
        """Download beside the place, then move: there is never half an assignment."""
        assert self.row is not None  # noqa: S101  # init_src has refused otherwise
        languages = self.row.languages
        language = self.language if self.language in languages else languages[0]
        with Partial(self.dest_path) as partial:
            with tempfile.TemporaryFile(dir=self.dest_path.parent) as spool:
                self.client.release(
                    self.course, self.assignment, binary(spool), language=language, version=str(self.row.version)
                )
                unpack(binary(spool), partial.folder)
            if self.dest_path.is_dir():
                self._add_missing(partial.folder)
            else:
                partial.keep()
                self.outbox.begin(self.course, self.assignment, self.row.version)
        self.log.info("Fetched as: %s %s", self.course, self.assignment)

    def _add_missing(self, fresh: Path) -> None:
        for path in sorted(fresh.rglob("*")):
            target = self.dest_path / path.relative_to(fresh)
            if path.is_file() and not target.exists():
                self.log.warning("Replacing missing file '%s'", target)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)


class ExchangeFetchFeedback(ServiceExchange, ABCExchangeFetchFeedback):  # type: ignore[misc]  # nbgrader ships no types
    """`nbgrader fetch_feedback` and the panel's Fetch Feedback button."""

    def init_src(self) -> None:
        """Find our submissions that have feedback."""
        student = self.coursedir.student_id
        if student != "*" and set(student) & set("*+"):
            self.fail(f"The student ID should contain no '*' nor '+'; got {student}")
        user = self.client.me().user if student == "*" else student
        rows = [r for r in self.client.submissions(self.course, self.assignment or None) if r.user == user]
        self.rows = [row for row in rows if row.feedback_at is not None]
        if not self.rows:
            self.log.warning(
                self.say(
                    Text(
                        f"{self.course}/{self.assignment}에 공개된 피드백이 아직 없습니다.",
                        f"Could not find feedback for {self.course}/{self.assignment} yet.",
                    )
                )
            )

    def copy_files(self) -> None:
        """Put each submission's pages where the panels look: `feedback/<timestamp>/`."""
        for row in self.rows:
            place = feedback_folder(self, row)
            if fetched(place) is None or out_of_date(place, row):
                self._fetch(row, place)
            self.log.info("Fetched feedback: %s", place)

    def _fetch(self, row: wire.SubmissionRow, place: Path) -> None:
        with Partial(place) as partial:
            with tempfile.TemporaryFile(dir=place.parent) as spool:
                self.client.feedback(row.id, binary(spool))
                unpack(binary(spool), partial.folder)
            write_whole(partial.folder / MARK, (row.feedback_sha256 or "").encode())
            partial.replace()


def feedback_folder(exchange: ServiceExchange, row: wire.SubmissionRow) -> Path:
    """Where the panels look for a submission's feedback."""
    return exchange.work_folder(row.course, row.assignment) / "feedback" / exchange.stamp(row.begun_at)


def fetched(place: Path) -> str | None:
    """The digest of the feedback that was fetched to `place`, if any was."""
    try:
        return (place / MARK).read_text()
    except OSError:
        return None


def out_of_date(place: Path, row: wire.SubmissionRow) -> bool:
    """Whether feedback was fetched and another has been released since."""
    here = fetched(place)
    return here is not None and row.feedback_at is not None and here != (row.feedback_sha256 or "")
