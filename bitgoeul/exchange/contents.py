"""The bytes behind the rows. What a grader reads is compared with its name first: a rotten blob is refused."""

from __future__ import annotations

import logging

from bitgoeul.blobs import BlobStore
from bitgoeul.database import Database
from bitgoeul.errors import NotFound
from bitgoeul.exchange import bundle, store
from bitgoeul.wire import SubmissionRow

log = logging.getLogger(__name__)


class DamagedBlob(Exception):
    """A blob is not what its name says: a defect of the disk, for the operator, never a student's fault."""


class Contents:
    """Reads submissions and releases for graders and pages."""

    def __init__(self, database: Database, blobs: BlobStore, limits: bundle.Limits) -> None:
        self._database = database
        self._blobs = blobs
        self._limits = limits

    def submission_files(self, submission: SubmissionRow) -> dict[str, bytes]:
        """Every file that was handed in, by relative path. All of it comes into memory."""
        return self._files(submission.sha256)

    def release_files(
        self, course: str, assignment: str, *, version: int, kind: str = "release", language: str = "ko"
    ) -> dict[str, bytes]:
        """The files of one part of a release, by relative path; raise `NotFound` when it has no such part."""
        with self._database.reading() as connection:
            release = store.find_release(connection, course, assignment, version)
        part = release.parts.get(f"{kind}/{language}") if release else None
        if part is None:
            raise NotFound(
                ko=f"과제 {assignment} {version}판에 {kind}/{language}이(가) 없습니다. 다시 배포하세요.",
                en=f"Version {version} of {assignment} has no {kind}/{language}. Release it again.",
            )
        return self._files(part["sha256"])

    def feedback_files(self, submission: SubmissionRow) -> dict[str, bytes]:
        """The released feedback pages by name; empty before there are any."""
        return self._files(submission.feedback_sha256) if submission.feedback_sha256 else {}

    def _files(self, sha256: str) -> dict[str, bytes]:
        if not self._blobs.sound(sha256):
            log.error("blob %s is damaged: restore it from the back-up", sha256)
            raise DamagedBlob(sha256)
        with self._blobs.open(sha256) as file:
            return bundle.read(file, bundle.scan(file, self._limits))
