"""Workers that grade: they lease jobs from the table, call what judges, and hand in the result.

The service may be killed at any moment. A job whose holder is gone is run again; its holder's late result
is refused. What judges is injected (`Judges`), so that it can be replaced without touching this.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from bitgoeul.blobs import BlobStore
from bitgoeul.database import Database
from bitgoeul.errors import BitgoeulError, GradersAway, InputError, SandboxUnavailable
from bitgoeul.exchange import bundle, jobs, store
from bitgoeul.exchange.clock import SteadyClock
from bitgoeul.exchange.contents import Contents
from bitgoeul.exchange.jobs import Leased
from bitgoeul.exchange.rules import LEASE, SOON
from bitgoeul.exchange.writer import Writer
from bitgoeul.names import CourseName
from bitgoeul.settings import Level
from bitgoeul.wire import Compute, SubmissionRow, Verdict

log = logging.getLogger(__name__)
POLL_SECONDS = 2.0
_DEFECT = {
    "code": "defect",
    "ko": "채점 프로그램에 문제가 생겨 기록해 두었습니다. 제출물은 안전합니다. 강사가 다시 채점할 수 있습니다.",
    "en": "The grader failed and this was logged. The submission is safe; staff can grade it again.",
}


@dataclass(frozen=True)
class Task:
    """What a judge gets: one submission, the release to judge it by, and the way to their bytes.

    `newest` is false when the student has handed in again since: then scores already shown stay. `due` is this
    student's, his extension counted. A `preview` is shown to staff first: nothing is written but aside. Of `urgent`
    work a student waits for the result.
    """

    submission: SubmissionRow
    release_version: int
    newest: bool
    due: datetime | None
    contents: Contents
    preview: bool = False
    compute: Compute = "cpu"
    minimum_level: Level | Literal[""] = ""
    urgent: bool = True

    def submission_files(self) -> dict[str, bytes]:
        """What the student handed in, by relative path."""
        return self.contents.submission_files(self.submission)

    def source_files(self, language: str) -> dict[str, bytes]:
        """The instructor's version with solution and hidden tests; raise `NotFound` when none was released."""
        return self._part("source", language)

    def release_files(self, language: str) -> dict[str, bytes]:
        """What students fetched."""
        return self._part("release", language)

    def _part(self, kind: str, language: str) -> dict[str, bytes]:
        row = self.submission
        version = self.release_version
        return self.contents.release_files(row.course, row.assignment, version=version, kind=kind, language=language)


@dataclass(frozen=True)
class Judges:
    """What the exchange calls and does not know; `build_app` wires the real ones in.

    `mark` judges and may write to a gradebook: it can be called twice for one submission, so it has to give
    the same again. `apply` writes what `mark` kept aside for a preview. `feedback` renders pages by name; `sanitise` makes any page safe to show; `execute` runs a
    staff member's notebook in the sandbox.
    """

    mark: Callable[[Task], Verdict]
    feedback: Callable[[Task], Mapping[str, bytes]]
    sanitise: Callable[[bytes], bytes]
    execute: Callable[[CourseName, bytes, Mapping[str, bytes]], bytes]
    apply: Callable[[Task], None] = lambda _task: None


class Bell:
    """Wakes threads that wait for work."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.rung = 0

    def ring(self, *, everybody: bool) -> None:
        """Wake one thread, or all."""
        with self._condition:
            self.rung += 1
            if everybody:
                self._condition.notify_all()
            else:
                self._condition.notify()

    def wait(self, heard: int, seconds: float) -> None:
        """Wait until it rings after what was heard, or for a while: another service may have queued a job."""
        with self._condition:
            self._condition.wait_for(lambda: self.rung != heard, timeout=seconds)


class Marking:
    """The workers of this process: so many threads for each kind of compute."""

    def __init__(
        self,
        *,
        database: Database,
        blobs: BlobStore,
        writer: Writer,
        clock: SteadyClock,
        contents: Contents,
        judges: Judges,
        workers: Mapping[Compute, int],
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._writer = writer
        self._clock = clock
        self._contents = contents
        self._judges = judges
        self._bells: dict[Compute, Bell] = {compute: Bell() for compute in workers}
        self._ending = threading.Event()
        self._held: dict[int, Leased] = {}
        self._threads = [
            threading.Thread(target=self._work, args=(compute,), name=f"grader-{compute}-{n}", daemon=True)
            for compute, number in workers.items()
            for n in range(number)
        ]
        self._threads.append(threading.Thread(target=self._keep_leases, name="grader-leases", daemon=True))

    def start(self) -> None:
        """Begin. On SQLite, which one service holds alone, what was running when it ended waits again at once."""
        if self._database.sqlite:
            self._writer.run(jobs.release_leases)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no more jobs and wait a moment for those that run; one that runs on is done again later."""
        self._ending.set()
        self.ring()
        for thread in self._threads:
            if thread.ident is not None:  # it was started
                thread.join(timeout=5)

    def ring(self, *, everybody: bool = True) -> None:
        """Tell the workers that there is something to do; for a single job one of each kind is enough."""
        for bell in self._bells.values():
            bell.ring(everybody=everybody)

    def _work(self, compute: Compute) -> None:
        """Take jobs of one kind: work that waits for a GPU holds nobody's place on a CPU."""
        bell = self._bells[compute]
        while not self._ending.is_set():
            heard = bell.rung
            try:
                leased = self._claim(compute)
                if leased is not None:
                    self._run(leased)
                    continue
            except Exception:  # the edge of this thread: it goes on, and the lease runs out
                log.exception("a grader failed outside a job")
            bell.wait(heard, POLL_SECONDS)

    def _claim(self, compute: Compute) -> Leased | None:
        with self._database.reading() as connection:
            if not jobs.anything_to_claim(connection, self._clock.now(), compute):
                return None
        return self._writer.run(lambda connection: jobs.claim(connection, self._clock.now(), compute))

    def _run(self, leased: Leased) -> None:
        self._held[leased.id] = leased
        try:
            self._do(leased)
        except SandboxUnavailable as error:
            problem, wait = _problem(error), SOON if isinstance(error, GradersAway) else LEASE
            self._writer.run(lambda connection: jobs.postpone(connection, leased, problem, self._clock.now(), wait))
        except InputError as error:
            problem = _problem(error)
            self._writer.run(lambda connection: jobs.fail(connection, leased, problem, self._clock.now()))
        except Exception as error:  # a judge's defect stops neither the batch nor the worker
            log.exception("job %s of submission %s failed", leased.id, leased.submission)
            problem = _problem(error) if isinstance(error, BitgoeulError) else _DEFECT
            self._writer.run(lambda connection: jobs.retry(connection, leased, problem, self._clock.now()))
        finally:
            del self._held[leased.id]

    def _do(self, leased: Leased) -> None:
        task = self._task(leased)
        if leased.kind == "feedback":
            self._give_feedback(leased, task)
            return
        if leased.kind == "apply":
            self._apply(leased, task)
            return
        verdict = self._judges.mark(task)
        if not self._writer.run(
            lambda connection: jobs.end_with_verdict(connection, leased, verdict, self._clock.now())
        ):
            log.warning("job %s: attempt %s came too late, its verdict is refused", leased.id, leased.attempt)

    def _apply(self, leased: Leased, task: Task) -> None:
        with self._database.reading() as connection:
            verdict_id, verdict = jobs.previewed(connection, leased.submission, leased.release_version)
        self._judges.apply(task)
        self._writer.run(lambda c: jobs.end_with_current(c, leased, verdict_id, verdict, self._clock.now()))

    def _task(self, leased: Leased) -> Task:
        with self._database.reading() as connection:
            receipt = store.receipt_of(connection, leased.submission)
            rows = store.submission_rows(
                connection,
                course=receipt.course,
                assignment=receipt.assignment,
                user=receipt.user,
                after=leased.submission - 1,
            )
            due = store.due_for(connection, receipt.course, receipt.assignment, receipt.user)
            state = store.find_state(connection, receipt.course, receipt.assignment)
        return Task(
            rows[0],
            leased.release_version,
            newest=len(rows) == 1,
            due=due,
            contents=self._contents,
            preview=leased.kind == "preview",
            compute=leased.compute,
            minimum_level=state.minimum_level if state else "",
            urgent=leased.priority == jobs.INTERACTIVE,
        )

    def _give_feedback(self, leased: Leased, task: Task) -> None:
        pages = {name: self._judges.sanitise(page) for name, page in self._judges.feedback(task).items()}
        data = bundle.write(pages)
        sha256 = self._blobs.put(data)
        self._writer.run(lambda connection: self._store_feedback(connection, leased, sha256, len(data)))

    def _store_feedback(self, connection: Connection, leased: Leased, sha256: str, size: int) -> None:
        now = self._clock.now()
        if jobs.end(connection, leased, now):
            by = leased.asked_by
            store.add_feedback(connection, leased.submission, sha256=sha256, size=size, at=now, by=by)

    def _keep_leases(self) -> None:
        while not self._ending.wait(LEASE.total_seconds() / 3):
            for leased in list(self._held.values()):
                try:
                    self._renew(leased)
                except Exception:  # the edge of this thread: the next round tries again
                    log.exception("the lease of job %s was not renewed", leased.id)

    def _renew(self, leased: Leased) -> None:
        self._writer.run(lambda connection: jobs.renew(connection, leased, self._clock.now()))


def _problem(error: BitgoeulError) -> dict[str, str]:
    return {"code": error.code, "ko": error.text.ko, "en": error.text.en}
