"""Releasing assignments and feedback. A release is a version that stays; a new one never touches submissions."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from nbgrader.exchange.abc import ExchangeReleaseAssignment as ABCExchangeReleaseAssignment
from nbgrader.exchange.abc import ExchangeReleaseFeedback as ABCExchangeReleaseFeedback

from bitgoeul import wire
from bitgoeul.errors import BitgoeulError, Text
from bitgoeul.lab.base import ServiceExchange, binary, same_time
from bitgoeul.lab.bundle import pack, pick, unpack

PLAIN_LANGUAGE = "ko"


class ExchangeReleaseAssignment(ServiceExchange, ABCExchangeReleaseAssignment):  # type: ignore[misc]  # nbgrader ships no types
    """`nbgrader release_assignment` and the formgrader's Release button."""

    def init_src(self) -> None:
        """Find what `generate_assignment` made."""
        self.src_path = self._folder(self.coursedir.release_directory)
        self.source_path = self._folder(self.coursedir.source_directory)
        if not self.src_path.is_dir():
            missing, found = self.src_path, self.source_path
            self.refuse(
                Text(
                    f"배포본이 없습니다: {missing}. `nbgrader generate_assignment`를 먼저 실행하세요.",
                    f"Assignment not found at: {missing}, run `nbgrader generate_assignment` first.",
                )
                if found.is_dir()
                else Text(f"과제가 없습니다: {missing}", f"Assignment not found at: {missing}")
            )

    def init_dest(self) -> None:
        """Without `force`, what is released stays as it is."""
        rows = self.client.assignments(self.course)
        self.released = next((row for row in rows if row.assignment == self.assignment and not row.withdrawn), None)
        if self.released is not None and not self.force:
            self.refuse(
                Text(
                    f"이미 {self.released.version}번째 판이 배포되어 있습니다: {self.course} {self.assignment}. --force 를 쓰면 새 판을 배포합니다.",
                    f"Version {self.released.version} is released already: {self.course} {self.assignment}. --force releases a new version.",
                )
            )

    def copy_files(self) -> None:
        """Send release and source; other languages of the same source come along unchanged."""
        files = self.files(self.src_path)
        language = language_of(files) or PLAIN_LANGUAGE
        bundle = {f"release/{language}/{name}": path for name, path in files.items()}
        if self.source_path.is_dir():
            source = self.files(self.source_path)
            bundle |= {f"source/{language}/{name}": path for name, path in source.items()}
        with ExitStack() as stack:
            bundle |= self._other_languages(language, source_digest(files), stack)
            spool = stack.enter_context(tempfile.NamedTemporaryFile())
            pack(bundle, binary(spool))
            spool.flush()
            row = self.client.publish(self.course, self.assignment, Path(spool.name))
        self.log.info("Released as: %s %s (version %s)", self.course, self.assignment, row.version)

    def _folder(self, step: str) -> Path:
        return Path(self.coursedir.format_path(step, ".", self.assignment)).resolve()

    def _other_languages(self, ours: str, source: str | None, stack: ExitStack) -> dict[str, Path]:
        """What the present release has in other languages, if it was built from the same source."""
        others = [language for language in (self.released.languages if self.released else ()) if language != ours]
        bundle: dict[str, Path] = {}
        for language in others:
            parts = {part: self._download(language, part, stack) for part in ("release", "source")}
            if source is None or source_digest(parts["release"]) != source:
                self.log.warning(
                    self.say(
                        Text(
                            f"이번 판에는 {language} 배포본이 없습니다. 두 언어로 배포하려면 포털에서 배포하세요.",
                            f"This version has no {language} release. The portal releases both languages.",
                        )
                    )
                )
                continue
            bundle |= {
                f"{part}/{language}/{name}": path for part, files in parts.items() for name, path in files.items()
            }
        return bundle

    def _download(self, language: str, part: str, stack: ExitStack) -> dict[str, Path]:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        query = {"language": language, **({"part": part} if part == "source" else {})}
        with tempfile.TemporaryFile() as spool:
            self.client.release(self.course, self.assignment, binary(spool), **query)
            return {name: folder / name for name in unpack(binary(spool), folder)}


class ExchangeReleaseFeedback(ServiceExchange, ABCExchangeReleaseFeedback):  # type: ignore[misc]  # nbgrader ships no types
    """`nbgrader release_feedback` and the formgrader's Release Feedback button."""

    def init_src(self) -> None:
        """Find the feedback folders of the wanted students."""
        excluded = set(self.coursedir.student_id_exclude.split(","))
        pattern = self.coursedir.format_path(self.coursedir.feedback_directory, "*", self.assignment)
        base = Path(self.coursedir.root)
        folders = sorted(base.glob(str(Path(pattern).relative_to(base))))
        students = {_student(self, folder): folder for folder in folders}
        self.folders = {
            student: folder
            for student, folder in students.items()
            if student not in excluded and self.wanted(student, self.coursedir.student_id)
        }

    def copy_files(self) -> None:
        """Send each student's pages for the submission they speak of; tell all that failed at the end."""
        rows = self.client.submissions(self.course, self.assignment) if self.folders else []
        failed = []
        for student, folder in self.folders.items():
            try:
                self._release(student, folder, [row for row in rows if row.user == student])
            except BitgoeulError as error:
                self.log.error("%s: %s", student, self.say(error.text))  # noqa: TRY400  # told, and no traceback
                failed.append(Text(f"{student}: {error.text.ko}", f"{student}: {error.text.en}"))
        if failed:
            ko, en = "\n".join(text.ko for text in failed), "\n".join(text.en for text in failed)
            self.refuse(Text(f"피드백을 공개하지 못한 학생이 있습니다:\n{ko}", f"Not released:\n{en}"))

    def _release(self, student: str, folder: Path, rows: list[wire.SubmissionRow]) -> None:
        row = _belongs_to(folder, rows)
        pages = pick(self.files(folder), [f"{self.coursedir.notebook_id}.html"])
        with tempfile.NamedTemporaryFile() as spool:
            pack(pages, binary(spool))
            spool.flush()
            self.client.publish_feedback(row.id, Path(spool.name))
        self.log.info("Feedback released: %s %s/%s (%s)", student, self.course, self.assignment, row.begun_at)


def _student(exchange: ServiceExchange, folder: Path) -> str:
    """The student whose folder this is, by the course's `directory_structure`."""
    pattern = exchange.coursedir.format_path(exchange.coursedir.feedback_directory, "*", exchange.assignment)
    named = zip(Path(pattern).parts, folder.parts, strict=True)
    return next(found for wanted, found in named if wanted == "*")


def _belongs_to(folder: Path, rows: list[wire.SubmissionRow]) -> wire.SubmissionRow:
    """The submission that a feedback folder speaks of: the one with its `timestamp.txt`."""
    path = folder / "timestamp.txt"
    if path.is_file():
        written = path.read_text()
        found = [row for row in rows if same_time(written, row.begun_at)]
    else:
        found = rows if len(rows) == 1 else []
    if not found:
        raise FeedbackAstray(
            ko=f"이 피드백이 어느 제출물의 것인지 알 수 없습니다({path}). 다시 수집하고 채점하세요.",
            en=f"No submission fits this feedback ({path}). Collect and grade again.",
        )
    return found[-1]


class FeedbackAstray(BitgoeulError):
    """Feedback for which there is no submission."""

    code = "feedback-astray"


def language_of(files: dict[str, Path]) -> str | None:
    """The language that built notebooks name in their metadata."""
    return next((found for found in _told_by(files, "language") if found in ("ko", "en")), None)


def source_digest(files: dict[str, Path]) -> str | None:
    """The digest of the source that built notebooks name in their metadata."""
    return next(iter(sorted(_told_by(files, "source_sha256"))), None)


def _told_by(files: dict[str, Path], key: str) -> list[str]:
    found = []
    for path in pick(files, ["*.ipynb"]).values():
        try:
            metadata: Any = json.loads(path.read_bytes()).get("metadata", {})
        except (ValueError, AttributeError):
            continue  # no notebook; the service says so with a reason
        ours = metadata.get("bitgoeul") if isinstance(metadata, dict) else None
        if isinstance(ours, dict) and isinstance(ours.get(key), str):
            found.append(ours[key])
    return found
