"""Judges a notebook: the door of this folder. What stands behind it may be replaced as a whole."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbgrader import utils

from bitgoeul import __version__
from bitgoeul.errors import SandboxUnavailable
from bitgoeul.grading import notebooks
from bitgoeul.grading.checker import Conversation, fitting, read_checker, show, without_hidden
from bitgoeul.grading.complement import complement
from bitgoeul.grading.doubting import run_with_doubt
from bitgoeul.grading.environment import installed_environment
from bitgoeul.grading.folders import checked_names
from bitgoeul.grading.packages import packages_of
from bitgoeul.grading.proof import prove
from bitgoeul.grading.running import CellRun, Notebook, Run, error_output
from bitgoeul.grading.sandbox import Sandbox
from bitgoeul.grading.sanitise import Source, read_source, sanitise
from bitgoeul.grading.scoring import score, why_not_ok
from bitgoeul.settings import Grading, Level
from bitgoeul.wire import CellVerdict, Doubt, Figure, Verdict

LEVELS: tuple[Level, ...] = ("none", "landlock", "namespaces", "container", "container+namespaces", "kernel")


@dataclass(frozen=True)
class Executed:
    """A notebook after its run. `killed` gives the reason if a cell was stopped or the kernel died."""

    notebook: bytes
    killed: str | None


@dataclass(frozen=True)
class Judged:
    """A verdict, and the notebook as it was run: locked cells restored, outputs filled in.

    `figures` are what a checker measured; they are for authors, and belong to no verdict.
    """

    verdict: Verdict
    notebook: bytes
    figures: tuple[Figure, ...] = ()


class Engine:
    """Judges and runs notebooks. One object serves any number of threads; each run has a sandbox of its own."""

    def __init__(self, grading: Grading) -> None:
        self.grading = grading
        self.sandbox = Sandbox(grading)
        self._places = threading.BoundedSemaphore(grading.workers or os.cpu_count() or 1)

    def judge(
        self,
        source: bytes,
        submission: bytes,
        files: Mapping[str, bytes],
        *,
        seed: int = 0,
        checker: Path | None = None,
    ) -> Judged:
        """Judge one submission against the instructor's notebook.

        `files` lie beside the notebook while it runs. The cells that a `checker` names get their points from it
        alone; without a seed it gets a fresh one, which the verdict tells. Raises `InputError` for a notebook or
        checker that cannot be read and `SandboxUnavailable` where no isolation is proved; whatever the student's
        code does is a verdict.
        """
        known = read_source(source)
        notebook, flags = sanitise(known, notebooks.read(submission))
        talk = None
        if checker is not None:
            seed = seed or secrets.randbits(52) + 1
            talk = Conversation(self.sandbox, fitting(read_checker(checker), known), seed)
            without_hidden(known, notebook)
        runs = self._run(notebook, known, files, seed, talk)
        cells, odd, doubts = _scores(known, notebook, runs, talk)
        verdict = Verdict(
            score=sum(cell.score for cell in cells.values()),
            max_score=sum(cell.max_score for cell in cells.values()),
            flags=(*flags, *odd),
            cells=cells,
            submission_sha256=hashlib.sha256(submission).hexdigest(),
            grader_version=__version__,
            isolation=prove(),
            seed=seed,
            doubts=doubts,
            environment=installed_environment(),
            checker_sha256=hashlib.sha256(checker.read_bytes()).hexdigest() if checker else "",
        )
        return Judged(verdict, notebooks.write(notebook), tuple(talk.figures.values()) if talk else ())

    def warm(self, source: bytes) -> None:
        """Start the zygote of an assignment, so that its first submission does not wait for it."""
        known = read_source(source)
        if known.kernel == "python3" and prove() != "none":
            with self.sandbox.warm.use(known.packages):
                pass

    def execute(self, notebook: bytes, files: Mapping[str, bytes], *, seed: int = 0) -> Executed:
        """Run a notebook as it is.

        What it writes to stderr in a grade cell is kept as plain output, because nbgrader's own scoring, which
        comes next, would take points away for it.
        """
        content = notebooks.read(notebook)
        name = str(content.metadata.get("kernelspec", {}).get("name", "python3"))
        cells = _sources(content)
        kernel = "python3" if name.startswith("python") else name
        runs = self._run_cells(
            content, Notebook(cells, checked_names(files), kernel, _inside(seed), packages_of(cells.values()))
        )
        for cell in content.cells:
            if cell.cell_type == "code" and utils.is_grade(cell):
                _calm(cell)
        stopped = [why_not_ok(run) for run in runs.values() if run.status in ("timeout", "killed", "not_run")]
        return Executed(notebooks.write(content), stopped[0] if stopped else None)

    def _run(
        self,
        notebook: NotebookNode,
        known: Source,
        files: Mapping[str, bytes],
        seed: int,
        talk: Conversation | None,
    ) -> dict[int, CellRun]:
        """Run a submission that was put into its assignment's form."""
        by_checker = talk.checker.grade_ids if talk else frozenset()
        word = secrets.token_hex(8)
        complements = {
            place: complement(cell.source, word)
            for place, cell in enumerate(notebook.cells)
            if cell.cell_type == "code" and _is_test(cell) and cell.metadata["nbgrader"]["grade_id"] not in by_checker
        }
        job = Notebook(
            _sources(notebook), checked_names(files), known.kernel, _inside(seed), known.packages, complements, word
        )
        return self._run_cells(notebook, job, talk.run if talk else None)

    def _run_cells(self, notebook: NotebookNode, job: Notebook, run: Run | None = None) -> dict[int, CellRun]:
        """Run all code cells and write their outputs into the notebook."""
        require_level(self.grading.minimum_level)
        with self._places:
            runs = run_with_doubt(self.sandbox, job, run)
        for place, one in runs.items():
            cell = notebook.cells[place]
            cell["outputs"] = list(one.outputs)
            cell["execution_count"] = one.count
            if one.status in ("timeout", "killed", "not_run"):
                cell["outputs"].append(error_output(*_named(one)))
        return runs


def stricter(one: Level, other: Level) -> Level:
    """Give the level of two that holds more."""
    return max(one, other, key=LEVELS.index)


def require_level(wanted: Level) -> Level:
    """Give the level that this machine proved; raise `SandboxUnavailable` if more is wanted."""
    level = prove()
    if LEVELS.index(level) < LEVELS.index(wanted):
        raise SandboxUnavailable(
            ko=f"채점에는 격리 수준 {wanted}이(가) 필요한데 이 컴퓨터에서 확인된 수준은 {level}입니다. `bitgoeul doctor`가 알려 주는 명령을 실행해 주십시오.",
            en=f"Judging needs the isolation level {wanted}; this machine proved {level}. Run what `bitgoeul doctor` tells.",
        )
    return level


def _sources(notebook: NotebookNode) -> dict[int, str]:
    return {place: cell.source for place, cell in enumerate(notebook.cells) if cell.cell_type == "code"}


def _is_test(cell: NotebookNode) -> bool:
    return bool(utils.is_grade(cell) and not utils.is_solution(cell))


def _inside(seed: int) -> int:
    """The seed of the student's process: the same each time, and no way back to a checker's."""
    return int.from_bytes(hashlib.sha256(f"in the sandbox: {seed}".encode()).digest()[:6], "big")


def _scores(
    known: Source, notebook: NotebookNode, runs: Mapping[int, CellRun], talk: Conversation | None
) -> tuple[dict[str, CellVerdict], list[str], dict[str, Doubt]]:
    """Give each cell its points: from the checker where that names the cell, else from the cell's own run."""
    asked = talk.verdicts(known) if talk else {}
    cells: dict[str, CellVerdict] = {}
    odd: list[str] = []
    doubts: dict[str, Doubt] = {}
    for place, cell in enumerate(notebook.cells):
        scored = score(known, cell, runs.get(place))
        if scored is None:
            continue
        name = cell.metadata["nbgrader"]["grade_id"]
        cells[name] = asked.get(name, scored.verdict)
        if name in asked:
            show(cell, asked[name])
            continue
        odd += [scored.flag] if scored.flag else []
        if scored.doubt:
            doubts[name] = scored.doubt
            cell["outputs"].append(error_output(*scored.verdict.message.split(": ", 1)))
    return cells, [*odd, *(talk.flags() if talk else ())], doubts


def _named(run: CellRun) -> tuple[str, str]:
    names = {"timeout": "CellTimeoutError", "killed": "StudentProcessEnded", "not_run": "NotRun"}
    return names[run.status], why_not_ok(run)


def _calm(cell: NotebookNode) -> None:
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            output["name"] = "stdout"
