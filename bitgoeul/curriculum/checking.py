"""Proves an assignment: who gets points for what, and that the release tells nothing.

The proof is a kill matrix. Its rows are the release (no points), the solution and the friends (all points)
and the mutants (points lost where and how each says); its columns are the test cells. Code is the same in
both languages, which is checked byte for byte, so friends and mutants are judged in one language and the
solution and the release in both.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from bitgoeul.curriculum.building import Built, build, settings_of, submission
from bitgoeul.curriculum.calibrating import calibration_findings, read_calibration
from bitgoeul.curriculum.costing import ProcessorTime
from bitgoeul.curriculum.leaks import leaks, secrets
from bitgoeul.curriculum.matrix import Finding, KillMatrix, Mark, MatrixRow, Row
from bitgoeul.curriculum.model import Assignment
from bitgoeul.curriculum.rules import judged_findings, language_findings, leak_findings, lesson_findings, not_judged
from bitgoeul.curriculum.variants import Variant
from bitgoeul.errors import InputError, Text
from bitgoeul.wire import CellVerdict, Figure, Verdict


@dataclass(frozen=True)
class Judgement:
    """A verdict, the processor time it cost where the judge knows it, and what a checker measured."""

    verdict: Verdict
    cpu_seconds: float | None = None
    figures: tuple[Figure, ...] = ()


Judge = Callable[[bytes, bytes, dict[str, bytes]], "Judgement | Verdict"]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class _Job:
    """One answer to judge."""

    kind: Row
    name: str
    language: str
    notebook: str
    submission: bytes
    variant: Variant | None = None

    @property
    def label(self) -> str:
        """Name the row."""
        return self.name if self.kind in ("friend", "mutant") else f"{self.name} ({self.language})"


def check(assignment: Assignment, judge: Judge, progress: Progress = lambda done, total, label: None) -> KillMatrix:
    """Build an assignment, judge every answer, and say what is not proved.

    Raises `CourseError` if it cannot be built. The first answer, the solution, is judged alone, so that its
    processor time can be measured where the judge does not tell it.
    """
    built = build(assignment)
    jobs = list(_jobs(built))
    findings = [*lesson_findings(built), *_static_findings(assignment, built)]
    outcomes: dict[int, MatrixRow | Finding] = {0: _judged(jobs[0], built, judge, alone=True)} if jobs else {}
    progress(len(outcomes), len(jobs), jobs[0].label if jobs else "")
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        waiting = {pool.submit(_judged, job, built, judge): index for index, job in enumerate(jobs) if index}
        for future in as_completed(waiting):
            outcomes[waiting[future]] = future.result()
            progress(len(outcomes), len(jobs), jobs[waiting[future]].label)
    rows = []
    for _, outcome in sorted(outcomes.items()):
        if isinstance(outcome, Finding):
            findings.append(outcome)
        else:
            rows.append(outcome)
            findings.extend(judged_findings(outcome, assignment.cpu_seconds))
    findings += calibration_findings(rows, read_calibration(assignment))
    columns = dict.fromkeys(grade_id for row in rows for grade_id in row.marks)
    return KillMatrix(assignment, tuple(columns), tuple(rows), tuple(findings))


def _static_findings(assignment: Assignment, built: Built) -> list[Finding]:
    """What can be told without running anything."""
    regions = settings_of(assignment).regions()
    findings = language_findings(built)
    for language in built.languages:
        secret = [
            item
            for name in built.notebooks
            for item in secrets(_read(built.source[language][f"{name}.ipynb"]), regions)
        ]
        findings += leak_findings(language, leaks(secret, built.release[language]))
    return findings


def _jobs(built: Built) -> Iterator[_Job]:
    for name in built.notebooks:
        for language in built.languages:
            source, release = _pair(built, name, language)
            yield _Job("solution", f"solution{_of(built, name)}", language, name, submission(source, release))
    for name in built.notebooks:
        for language in built.languages:
            yield _Job(
                "release", f"release{_of(built, name)}", language, name, built.release[language][f"{name}.ipynb"]
            )
    if built.lesson:
        name, language = built.notebooks[0], built.languages[0]
        source, release = _pair(built, name, language)
        for variant in (*built.lesson.friends, *built.lesson.mutants):
            kind: Row = "friend" if variant.kind == "friends" else "mutant"
            answer = submission(source, release, variant.sources)
            yield _Job(kind, variant.name, language, name, answer, variant)


def _of(built: Built, name: str) -> str:
    return f" {name}" if len(built.notebooks) > 1 else ""


def _pair(built: Built, name: str, language: str) -> tuple[bytes, bytes]:
    file = f"{name}.ipynb"
    return built.source[language][file], built.release[language][file]


def _judged(job: _Job, built: Built, judge: Judge, *, alone: bool = False) -> MatrixRow | Finding:
    source = built.source[job.language][f"{job.notebook}.ipynb"]
    cost = ProcessorTime()
    try:
        if alone:
            with cost:
                found = judge(source, job.submission, built.data(job.language))
        else:
            found = judge(source, job.submission, built.data(job.language))
    except InputError as error:
        return not_judged(job.label, error)
    measured = cost.quiet_seconds if alone else None
    judgement = found if isinstance(found, Judgement) else Judgement(found)
    verdict, seconds = judgement.verdict, judgement.cpu_seconds
    marks = {name: _mark(verdict.cells.get(name), points) for name, points in _tests(_read(source)).items()}
    return MatrixRow(
        kind=job.kind,
        name=job.label,
        language=job.language,
        text=job.variant.text if job.variant else Text("", ""),
        marks=marks,
        dies_at=job.variant.dies_at if job.variant else (),
        dies_by=job.variant.dies_by if job.variant else (),
        cpu_seconds=measured if seconds is None else seconds,
        flags=verdict.flags,
        figures=judgement.figures,
    )


def _tests(notebook: NotebookNode) -> dict[str, float]:
    """Give the points of the cells that a machine grades."""
    cells = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells if cell.cell_type == "code"]
    return {cell["grade_id"]: float(cell["points"]) for cell in cells if cell.get("grade") and not cell.get("solution")}


def _mark(cell: CellVerdict | None, points: float) -> Mark:
    if cell is None:
        return Mark(0.0, points, "not_run")
    return Mark(cell.score, points, cell.outcome, _exception(cell), cell.message)


def _exception(cell: CellVerdict) -> str:
    """Read what ended a cell: judges begin their message with the exception's name."""
    if cell.outcome in ("timeout", "killed"):
        return cell.outcome
    match = re.match(r"\s*([A-Za-z_][\w.]*)\s*(:|$)", cell.message)
    return match[1].rpartition(".")[2] if match and cell.outcome in ("failed", "error") else ""


def _read(content: bytes) -> NotebookNode:
    notebook: NotebookNode = nbformat.reads(content.decode(), as_version=nbformat.NO_CONVERT)
    return notebook
