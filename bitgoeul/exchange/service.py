"""`Exchange`: what routes and pages ask. Every question carries its caller, and is answered by what he may.

Routes and the portal both only translate; who may do what is decided here, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import Connection

from bitgoeul.errors import InputError, NotFound, shorten
from bitgoeul.exchange import archive, bundle, intake, jobs, notes, releases, store
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.reading import Download, Reading
from bitgoeul.exchange.regrading import Regrading, split
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.web.auth import Caller
from bitgoeul.wire import Me, ReleaseRow, SubmissionRow


class Exchange(Reading):
    """The questions. Each carries its caller and raises `NotAllowed` or `NotFound` for what he may not."""

    def me(self, caller: Caller) -> Me:
        """Who is asking, in the Hub's words and the roster's."""
        person = self.people().person(caller.user)
        language = person.language if person else self.settings.academy.language
        name = person.name.text.pick(language) if person else caller.user
        return Me(caller.user, name, language, caller.student_of, caller.staff_of)

    def _audit(
        self, connection: Connection, caller: Caller, action: str, course: str, assignment: str, detail: dict[str, Any]
    ) -> None:
        store.audit(
            connection,
            at=self.clock.now(),
            actor=caller.user,
            action=action,
            course=course,
            assignment=assignment,
            detail=detail,
        )

    # --- releases ------------------------------------------------------------------------------------------

    def release(
        self, caller: Caller, course: CourseName, assignment: AssignmentName, file: BinaryIO
    ) -> tuple[ReleaseRow, bool]:
        """Release a bundle; the row, and whether this content is a new version."""
        caller.require_staff(course)
        draft = releases.draft_from_bundle(self.blobs, course, assignment, file, self.intake.bundle_limits)
        return self._release(caller.user, draft)

    def release_from_curriculum(
        self, caller: Caller, course: CourseName, assignment: AssignmentName
    ) -> tuple[ReleaseRow, bool]:
        """Build an assignment from the curriculum and release it."""
        caller.require_staff(course)
        described, built = self.build(course, assignment)
        return self.release_from_built(caller.user, course, assignment, described, built)

    def release_from_built(
        self,
        by: UserName,
        course: CourseName,
        assignment: AssignmentName,
        described: releases.Described,
        built: releases.BuiltFiles,
    ) -> tuple[ReleaseRow, bool]:
        """Release what the builder made; for `bitgoeul up` and commands, which have no caller to check."""
        draft = releases.draft_from_built(self.blobs, course, assignment, described, built)
        return self._release(by, draft)

    def _release(self, by: UserName, draft: releases.Draft) -> tuple[ReleaseRow, bool]:
        now = self.clock.now()
        created = self.writer.run(lambda connection: releases.add(connection, draft, at=now, by=by))
        with self.database.reading() as connection:
            rows = store.release_rows(connection, draft.course, by, withdrawn=True)
        return next(row for row in rows if row.assignment == draft.assignment), created

    def withdraw(self, caller: Caller, course: CourseName, assignment: AssignmentName) -> None:
        """Hide an assignment from students; nothing is deleted, and releasing again shows it."""
        self._change(caller, course, assignment, action="withdraw", withdrawn=True)

    def show_again(self, caller: Caller, course: CourseName, assignment: AssignmentName) -> None:
        """Take a withdrawal back: the version that students had is theirs again."""
        self._change(caller, course, assignment, action="release", withdrawn=False)

    def set_due(
        self, caller: Caller, course: CourseName, assignment: AssignmentName, due: datetime | None
    ) -> ReleaseRow:
        """Set or take away the due date; lateness shown to people follows at once, receipts stay as signed."""
        self._change(caller, course, assignment, action="due", due=due, due_by_staff=True)
        return self.assignment_for(caller, course, assignment)

    def release_results(self, caller: Caller, course: CourseName, assignment: AssignmentName) -> None:
        """Show students what the hidden tests found."""
        now = self.clock.now()
        self._change(caller, course, assignment, action="results", results_released_at=now)

    def _change(
        self, caller: Caller, course: CourseName, assignment: AssignmentName, *, action: str, **values: Any
    ) -> None:
        caller.require_staff(course)
        self.writer.run(
            lambda connection: releases.change(
                connection, course, assignment, at=self.clock.now(), by=caller.user, action=action, values=values
            )
        )

    def set_extension(
        self, caller: Caller, course: CourseName, assignment: AssignmentName, user: UserName, due: datetime | None
    ) -> None:
        """Give one student until then, or take the extension back."""
        caller.require_staff(course)

        def write(connection: Connection) -> None:
            if store.find_state(connection, course, assignment) is None:
                raise store.no_such(course, assignment)
            key = {"course": course, "assignment": assignment}
            store.upsert(connection, t.extensions, {**key, "user_name": user}, {"due": due})
            detail = {"user": user, "due": due.isoformat() if due else None}
            self._audit(connection, caller, "extension", course, assignment, detail)

        self.writer.run(write)

    def extensions_of(self, caller: Caller, course: CourseName, assignment: AssignmentName) -> dict[str, datetime]:
        """The extensions that stand, by student; for staff."""
        caller.require_staff(course)
        with self.database.reading() as connection:
            return store.extensions_of(connection, course, assignment)

    def assignments_for(self, caller: Caller, course: CourseName) -> list[ReleaseRow]:
        """The assignments that the caller may see; staff see withdrawn ones too."""
        caller.require_member(course)
        with self.database.reading() as connection:
            return store.release_rows(connection, course, caller.user, withdrawn=course in caller.staff_of)

    def assignment_for(self, caller: Caller, course: CourseName, assignment: AssignmentName) -> ReleaseRow:
        """One of them; raise `NotFound` for any other."""
        for row in self.assignments_for(caller, course):
            if row.assignment == assignment:
                return row
        raise store.no_such(course, assignment)

    def release_download(
        self,
        caller: Caller,
        course: CourseName,
        assignment: AssignmentName,
        *,
        language: str | None = None,
        version: int | None = None,
        part: str = "release",
    ) -> Download:
        """A version's files for students, or its source for staff."""
        row = self.assignment_for(caller, course, assignment)
        if part != "release":
            caller.require_staff(course)
        with self.database.reading() as connection:
            found = store.find_release(connection, course, assignment, version or row.version)
        if found is None:
            raise NotFound(
                ko=f"과제 {assignment}에는 {shorten(version)}판이 없습니다. 가장 새것은 {row.version}판입니다.",
                en=f"{assignment} has no version {shorten(version)}; the newest is {row.version}.",
            )
        blob = releases.part_of(found, part, language)
        if part == "release" and course in caller.student_of:
            self._note_fetch(caller.user, found)
        return Download(blob["sha256"], blob["size"], f"{assignment}.tar", found.version)

    def _note_fetch(self, user: UserName, found: store.Release) -> None:
        """Nobody waits for it: where nothing can be written, reading goes on."""
        where, now = {"course": found.course, "assignment": found.assignment}, self.clock.now()
        self.writer.submit(
            lambda connection: notes.note_fetch(connection, **where, user=user, version=found.version, at=now)
        )

    # --- submissions ---------------------------------------------------------------------------------------

    def announce(
        self, caller: Caller, course: CourseName, assignment: AssignmentName, said: intake.Headers
    ) -> intake.Announced:
        """The headers of an upload have come: check them, and note when."""
        version = self.assignment_for(caller, course, assignment).version
        if said.version is not None and self._has_version(course, assignment, said.version):
            version = said.version
        announced = intake.Announced(
            user=caller.user,
            course=course,
            assignment=assignment,
            key=intake.check_key(said.key),
            sha256=intake.check_sha256(said.sha256),
            size=self.intake.check_size(said.size),
            release_version=version,
            begun_at=said.begun_at,
        )
        with self.database.reading() as connection:
            self.intake.check_quota(connection, announced)
        self.intake.begin(announced)
        return announced

    def _has_version(self, course: CourseName, assignment: AssignmentName, version: int) -> bool:
        with self.database.reading() as connection:
            return 0 < version < 2**31 and store.find_release(connection, course, assignment, version) is not None

    # --- grading and feedback ------------------------------------------------------------------------------

    @property
    def regrading(self) -> Regrading:
        """The previews that wait for staff, and the history of verdicts."""
        return Regrading(self)

    def grade(
        self,
        caller: Caller,
        course: CourseName,
        assignment: AssignmentName,
        *,
        student: UserName | None = None,
        preview: bool = False,
    ) -> tuple[str, int]:
        """Queue the newest submissions again, by the newest release; the batch, and how many.

        Work judged by an older release, or with `preview` all that has a verdict, is judged aside first.
        """
        version = self._staff_assignment(caller, course, assignment).version
        rows = self.submissions_for(caller, course, assignment, student=student, latest=True)
        with self.database.reading() as connection:
            verdicts = store.current_verdicts(connection, [row.sequence for row in rows])
        aside, at_once = split(rows, verdicts, version=version, preview=preview)
        return self._queue(caller, course, assignment, {"preview": aside, "grade": at_once}, version)

    def release_feedback(self, caller: Caller, course: CourseName, assignment: AssignmentName) -> tuple[str, int]:
        """Queue feedback for everybody's newest submission, and show the results; the batch, and how many."""
        self._staff_assignment(caller, course, assignment)
        self.release_results(caller, course, assignment)
        rows = self.submissions_for(caller, course, assignment, latest=True)
        return self._queue(caller, course, assignment, {"feedback": rows}, 0)

    def _staff_assignment(self, caller: Caller, course: CourseName, assignment: AssignmentName) -> ReleaseRow:
        caller.require_staff(course)
        return self.assignment_for(caller, course, assignment)

    def _queue(
        self,
        caller: Caller,
        course: CourseName,
        assignment: AssignmentName,
        work: Mapping[jobs.Kind, list[SubmissionRow]],
        version: int,
    ) -> tuple[str, int]:
        batch, now = jobs.new_batch(), self.clock.now()

        def write(connection: Connection) -> int:
            queued = 0
            for kind, rows in work.items():
                queued += jobs.add_batch(
                    connection, rows, kind=kind, release_version=version, at=now, batch=batch, asked_by=caller.user
                )
            asked = "feedback" if "feedback" in work else "grade"
            self._audit(connection, caller, asked, course, assignment, {"queued": queued, "batch": batch})
            return queued

        queued = self.writer.run(write)
        self.marking.ring()
        return batch, queued

    def progress(
        self, caller: Caller, course: CourseName, assignment: AssignmentName | None = None, batch: str | None = None
    ) -> jobs.Progress:
        """How far the graders are; for staff."""
        caller.require_staff(course)
        now = self.clock.now()
        with self.database.reading() as connection:
            return jobs.progress(connection, course=course, assignment=assignment, batch=batch, now=now)

    def accept_feedback(self, caller: Caller, submission_id: str, files: Mapping[str, bytes]) -> SubmissionRow:
        """Take feedback pages from staff, make them safe, and show them to the student."""
        row = self.submission_for(caller, submission_id)
        caller.require_staff(CourseName(row.course))
        pages = {name: self.judges.sanitise(page) for name, page in files.items() if name.endswith(".html")}
        if not pages:
            raise InputError(
                ko="피드백 묶음에 .html 파일이 있어야 하는데 하나도 없습니다. 피드백을 다시 만든 뒤 보내세요.",
                en="A feedback bundle needs .html files and has none. Generate the feedback again, then send it.",
            )
        data = bundle.write(pages)
        sha256, now = self.blobs.put(data), self.clock.now()

        def write(connection: Connection) -> None:
            store.add_feedback(connection, row.sequence, sha256=sha256, size=len(data), at=now, by=caller.user)
            self._audit(connection, caller, "feedback", row.course, row.assignment, {"submission": row.id})

        self.writer.run(write)
        return self.submission_for(caller, submission_id)

    def collect(
        self, caller: Caller, course: CourseName, assignment: AssignmentName, *, up_to: int | None = None
    ) -> list[SubmissionRow]:
        """Every submission since the last collection, and note that these are collected now.

        `up_to` is the newest that the collector has seen; the newest there is without it.
        """
        caller.require_staff(course)
        with self.database.reading() as connection:
            after = notes.collected_up_to(connection, course, assignment)
        rows = self.submissions_for(caller, course, assignment, after=after)
        rows = [row for row in rows if up_to is None or row.sequence <= up_to]
        if rows:
            last, now, by = rows[-1].sequence, self.clock.now(), caller.user

            def write(connection: Connection) -> None:
                notes.note_collection(connection, course=course, assignment=assignment, up_to=last, at=now, by=by)
                self._audit(connection, caller, "collect", course, assignment, {"submissions": len(rows)})

            self.writer.run(write)
        return rows

    def archive(self, caller: Caller, course: CourseName, assignment: AssignmentName) -> Iterator[bytes]:
        """Everything that was handed in to an assignment, as a ZIP piece by piece; the audit keeps who took it."""
        self._staff_assignment(caller, course, assignment)
        rows = self.submissions_for(caller, course, assignment)
        detail = {"submissions": len(rows)}
        self.writer.run(lambda connection: self._audit(connection, caller, "download", course, assignment, detail))
        return archive.stream(rows, self.blobs, self.intake.bundle_limits)
