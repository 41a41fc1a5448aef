"""What has been handed in and what came of it, for those who may see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from bitgoeul.errors import NotFound
from bitgoeul.exchange import jobs, releases, rules, store
from bitgoeul.exchange.core import Core
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.web.auth import Caller
from bitgoeul.wire import Receipt, SubmissionRow, Verdict


@dataclass(frozen=True)
class Download:
    """A bundle that may be sent: a blob of this size."""

    sha256: str
    size: int
    name: str
    version: int = 0


class Reading(Core):
    """The questions that change nothing. Each raises `NotAllowed` or `NotFound` for what its caller may not see."""

    def sources_in_use(self) -> Iterator[bytes]:
        """The source notebooks of all that students see now, for graders to get ready."""
        with self.database.reading() as connection:
            rows = releases.current(connection)
            found = [store.find_release(connection, *row) for row in rows]
        for release in found:
            tongue = release.languages[0] if release and release.languages else ""
            if release is None or f"source/{tongue}" not in release.parts:
                continue
            course, assignment, version = release.course, release.assignment, release.version
            files = self.contents.release_files(course, assignment, version=version, kind="source", language=tongue)
            yield from (data for name, data in files.items() if name.endswith(".ipynb") and "/" not in name)

    def submissions_for(
        self,
        caller: Caller,
        course: CourseName,
        assignment: AssignmentName | None = None,
        *,
        student: UserName | None = None,
        after: int = 0,
        latest: bool = False,
    ) -> list[SubmissionRow]:
        """Submissions that the caller may see: a student his own whatever he asks for, staff all."""
        caller.require_member(course)
        user = student if course in caller.staff_of else caller.user
        with self.database.reading() as connection:
            return store.submission_rows(
                connection, course=course, assignment=assignment, user=user, after=after, latest=latest
            )

    def submission_for(self, caller: Caller, submission_id: str) -> SubmissionRow:
        """One submission; for everybody but its owner and the staff it does not exist."""
        with self.database.reading() as connection:
            row = store.find_submission(connection, submission_id)
        if row is None or not rules.may_read_submission(
            asker=caller.user, owner=row.user, staff=row.course in caller.staff_of
        ):
            raise store.no_submission()
        return row

    def content_download(self, caller: Caller, submission_id: str) -> Download:
        """The bytes that were handed in."""
        row = self.submission_for(caller, submission_id)
        return Download(row.sha256, row.size, f"{row.assignment}-{row.user}-{row.sequence}.tar", row.release_version)

    def receipt_for(self, caller: Caller, submission_id: str) -> Receipt:
        """The receipt, as it was signed."""
        row = self.submission_for(caller, submission_id)
        with self.database.reading() as connection:
            return store.receipt_of(connection, row.sequence)

    def result_for(self, caller: Caller, submission_id: str) -> Verdict:
        """The verdict as the caller may see it; raise `NotFound` while there is none."""
        row = self.submission_for(caller, submission_id)
        with self.database.reading() as connection:
            verdict = store.current_verdict(connection, row.sequence)
            if verdict is None:
                raise _not_graded(row, jobs.problem_of(connection, row.sequence))
            if row.course in caller.staff_of:
                return verdict
            return rules.for_student(verdict, hidden=self.shows_hidden(connection, row))

    def shows_hidden(self, connection: Connection, row: SubmissionRow) -> bool:
        """Whether this submission's student may see what the hidden tests found."""
        state = store.find_state(connection, row.course, row.assignment)
        due = store.due_for(connection, row.course, row.assignment, row.user)
        if state is None:
            return False
        released = state.results_released_at is not None or row.feedback_at is not None
        return rules.shows_hidden(state.results, now=self.clock.now(), due=due, released=released)

    def feedback_download(self, caller: Caller, submission_id: str) -> Download:
        """The released feedback pages; raise `NotFound` before there are any."""
        row = self.submission_for(caller, submission_id)
        if row.feedback_sha256 is None:
            raise NotFound(
                ko="아직 공개된 피드백이 없습니다. 강사가 공개하면 여기에 나타납니다.",
                en="No feedback has been released yet. It appears here when staff release it.",
            )
        size = self.blobs.path(row.feedback_sha256).stat().st_size
        return Download(row.feedback_sha256, size, f"{row.assignment}-feedback.tar")


def _not_graded(row: SubmissionRow, problem: Mapping[str, str] | None) -> NotFound:
    if problem:
        return NotFound(ko=problem["ko"], en=problem["en"])
    return NotFound(
        ko=f"제출물은 안전하게 접수되었고 아직 채점되지 않았습니다 (상태: {row.state}). 잠시 뒤에 다시 보세요.",
        en=f"The submission is safely received and not graded yet (state: {row.state}). Look again in a moment.",
    )
