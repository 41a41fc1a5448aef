"""Judges by a checker: a trusted program outside the sandbox, which asks the student's process for values.

A checker is a file with one function `check(student, points)`. It runs in a process of its own; the secret seed,
the hidden inputs and the expected values exist only there. Where a question ends the student's whole sandbox,
the notebook is run again and the checker goes on without the block that did it.
"""

from __future__ import annotations

import ast
import json
import logging
import re
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

from nbformat import NotebookNode
from nbgrader import utils

from bitgoeul.errors import InputError
from bitgoeul.grading import notebooks
from bitgoeul.grading.launch import SYSTEM_PATH
from bitgoeul.grading.running import Cells, error_output
from bitgoeul.grading.sandbox import Ended, Sandbox
from bitgoeul.grading.sanitise import Source
from bitgoeul.grading.scoring import LONGEST_MESSAGE, REASONS
from bitgoeul.profiles import MEBIBYTE
from bitgoeul.wire import CellVerdict, Figure, Outcome

MOST_RESTARTS = 3
MOST_TOLD = 4_000_000
GRACE_SECONDS = 10
LIBRARIES = Path(__file__).parents[2]
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from bitgoeul.grading.checking_program import main; main()"
_NOT_PLAIN = "InvalidAnswer: 돌려준 값을 읽을 수 없습니다. 너무 크거나 알 수 없는 모양입니다. / The value that came back cannot be read: too large, or of an odd form."
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Site:
    """One `points("grade_id", ...)` in a checker's text, by its lines."""

    grade_id: str
    first: int
    last: int
    weight: float


@dataclass(frozen=True)
class Checker:
    """A checker's file, read but not run."""

    path: Path
    sites: tuple[Site, ...]

    @property
    def grade_ids(self) -> frozenset[str]:
        """The cells that it judges."""
        return frozenset(site.grade_id for site in self.sites)


@dataclass(frozen=True)
class Found:
    """What one block found. `why` is a reason of ours where there is one; the texts are the checker's."""

    outcome: Outcome
    name: str = ""
    why: str = ""
    ko: str = ""
    en: str = ""

    @property
    def message(self) -> str:
        """Say it in words: the exception's name or our reason first, never a hidden input."""
        told = f"{self.ko} / {self.en}" if self.ko else ""
        if self.outcome == "passed":
            return ""
        if self.why == "not-plain":
            return f"{_NOT_PLAIN}\n{told}"
        if self.why in REASONS:
            return f"{REASONS[self.why]}\n{told}".strip()
        if self.outcome == "failed" or self.why == "checker":
            return f"{self.name}: {told}"
        return f"{self.name}: {self.ko} (코드가 {self.name} 오류로 끝났습니다) / {self.en} (the code ended with {self.name})"


def read_checker(path: Path) -> Checker:
    """Find the blocks of a checker in its text; raise `InputError` for a file that is no checker."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        raise _unusable(path, str(error)) from None
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "points"
    ]
    sites = tuple(_site(path, call) for call in sorted(found, key=lambda call: call.lineno))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    if "check" not in functions or not sites:
        raise _unusable(path, "no function check(student, points) with points(...)")
    return Checker(path, sites)


def _site(path: Path, call: ast.Call) -> Site:
    first = call.args[0] if call.args else None
    weights = [keyword.value for keyword in call.keywords if keyword.arg == "weight"]
    weight = weights[0].value if weights and isinstance(weights[0], ast.Constant) else None if weights else 1.0
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        raise _unusable(path, f"line {call.lineno}: points() without a plain string as its first argument")
    if not isinstance(weight, int | float) or not 0 < weight < 1000:
        raise _unusable(path, f"line {call.lineno}: weight= is to be a plain positive number")
    return Site(first.value, call.lineno, call.end_lineno or call.lineno, float(weight))


def _unusable(path: Path, found: str) -> InputError:
    return InputError(
        ko=f'채점 프로그램 {path.name}에는 check(student, points) 함수와 points("grade_id", message=...)가 있어야 하는데 다음을 만났습니다: {found}. docs/instructor/checkers.md를 보고 고쳐 주십시오.',
        en=f'The checker {path.name} needs check(student, points) with points("grade_id", message=...); found: {found}. Mend it by docs/instructor/checkers.md.',
    )


def fitting(checker: Checker, source: Source) -> Checker:
    """Give the checker back if it names only test cells of this notebook; else raise `InputError`."""
    tests = {
        name
        for name, known in source.cells.items()
        if utils.is_grade(known.cell) and not utils.is_solution(known.cell) and known.cell.cell_type == "code"
    }
    unknown = sorted(checker.grade_ids - tests)
    if unknown or source.kernel != "python3":
        found = f"points for {', '.join(unknown)}" if unknown else f"a notebook for {source.kernel}"
        raise _unusable(checker.path, f"{found}; the notebook's test cells are {', '.join(sorted(tests)) or '-'}")
    return checker


def without_hidden(source: Source, notebook: NotebookNode) -> None:
    """Leave of the locked cells what students got: with a checker, no hidden test is run among the student's cells."""
    for cell in notebook.cells:
        known = source.cells.get(str(cell.metadata.get("nbgrader", {}).get("grade_id")))
        if known is not None and known.locked:
            cell["source"] = known.released


def show(cell: NotebookNode, verdict: CellVerdict) -> None:
    """Let the notebook show what the checker found, as a failing test cell would."""
    cell["outputs"] = [output for output in cell.outputs if output.output_type != "error"]
    if verdict.outcome != "passed":
        name, _, text = verdict.message.partition(": ")
        cell["outputs"].append(error_output(name, text))


class _Line:
    """The job's end of the checker's line, given to the job when its cells have run."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.talk: Cells | None = None

    def give(self, talk: Callable[[int], Cells]) -> Cells:
        """Make the talk that will give it."""
        self.talk = talk(self.descriptor)
        return self.talk

    @property
    def asked(self) -> bool:
        """Whether it was given."""
        return self.talk is not None and self.talk.ask is None


class Conversation:
    """Runs jobs as `Sandbox.run` does, with a checker that asks when the cells have run."""

    def __init__(self, sandbox: Sandbox, checker: Checker, seed: int) -> None:
        self.sandbox, self.checker, self.seed = sandbox, checker, seed
        self.found: dict[int, Found] = {}
        self.figures: dict[str, Figure] = {}
        self.silent = False
        self.unfinished = False

    def run(
        self,
        job: Mapping[str, Any],
        files: Mapping[str, bytes],
        *,
        packages: frozenset[str],
        seconds: float,
        talk: Callable[[int], Cells],
    ) -> Ended:
        """Run a job; when the checker was cut off in its middle, run it again without the block that did it."""
        for _ in range(MOST_RESTARTS + 1):
            ended, over, asked = self._attempt(
                lambda line: self.sandbox.run(
                    job,
                    files,
                    packages=packages,
                    seconds=seconds + self.sandbox.grading.total_seconds,
                    talk=lambda: line.give(talk),
                )
            )
            if over != "lost":
                break
        self.silent = asked and over == "never"
        self.unfinished = asked and over == ""
        return ended

    def _attempt(self, run: Callable[[_Line], Ended]) -> tuple[Ended, str, bool]:
        ours, theirs = socket.socketpair()
        line = _Line(theirs.fileno())
        with ours, tempfile.TemporaryFile() as stderr:
            process = self._start(ours, stderr)
            ours.close()
            lines: list[bytes] = []
            reader = threading.Thread(target=lambda: lines.append(_read(process)))
            reader.start()
            try:
                with theirs:
                    ended = run(line)
                process.wait(timeout=GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                pass
            finally:
                process.kill()
                process.wait()
                reader.join()
            over = self._take(lines[0], ended.reason)
            stderr.seek(0)
            told = stderr.read(20_000).decode(errors="replace").strip()
        if told:
            _log.warning("the checker %s wrote:\n%s", self.checker.path.name, told)
        if process.returncode not in (0, -9):
            raise _unusable(self.checker.path, told.rsplit("\n", 1)[-1][:200] or f"exit code {process.returncode}")
        return ended, over, line.asked

    def _start(self, line: socket.socket, stderr: IO[bytes]) -> subprocess.Popen[bytes]:
        grading = self.sandbox.grading
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, str(LIBRARIES), str(line.fileno())],
            env={"PATH": SYSTEM_PATH, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            pass_fds=(line.fileno(),),
            cwd=self.checker.path.parent,
            start_new_session=True,
        )
        told = {
            "path": str(self.checker.path.resolve()),
            "seed": self.seed,
            "sites": [[site.grade_id, site.first, site.last] for site in self.checker.sites],
            "skip": sorted(self.found),
            "seconds": grading.total_seconds,
            "call_seconds": grading.cell_seconds,
            "memory": grading.memory_mb * MEBIBYTE,
        }
        with cast("IO[bytes]", process.stdin) as stream:
            stream.write(json.dumps(told).encode() + b"\n")
        return process

    def _take(self, told: bytes, reason: str) -> str:
        """Take over what an attempt found; what an earlier one knew stays."""
        fresh: dict[int, Found] = {}
        over = ""
        for line in told.splitlines():
            message = notebooks.writable(json.loads(line))
            over = message.pop("over", over)
            if "figure" in message:
                figure = Figure(**message["figure"])
                self.figures.setdefault(figure.name, figure)
            if "site" not in message:
                continue
            found = Found(**{key: value for key, value in message.items() if key != "site"})
            if found.outcome == "killed" and found.why == "process-ended" and over == "" and reason == "memory":
                found = replace(found, why="memory")
            if message["site"] not in fresh or fresh[message["site"]].outcome == "passed":
                fresh[message["site"]] = found
        self.found = {**fresh, **self.found}
        return str(over)

    def verdicts(self, source: Source) -> dict[str, CellVerdict]:
        """Give each cell that the checker judges its points: those of its blocks that passed, by their weights."""
        return {
            name: self._verdict(name, float(source.cells[name].cell.metadata["nbgrader"]["points"]))
            for name in self.checker.grade_ids
        }

    def _verdict(self, name: str, most: float) -> CellVerdict:
        missing = Found("not_run", why="process-ended" if self.silent else "not_run")
        found = [(site, self.found.get(at, missing)) for at, site in enumerate(self.checker.sites)]
        own = [(site.weight, one) for site, one in found if site.grade_id == name]
        bad = [one for _, one in own if one.outcome != "passed"]
        if not bad:
            return CellVerdict(most, most, "passed", hidden=True)
        earned = most * sum(weight for weight, one in own if one.outcome == "passed") / sum(w for w, _ in own)
        outcome = "failed" if bad[0].name == "AssertionError" else bad[0].outcome
        return CellVerdict(earned, most, outcome, bad[0].message[:LONGEST_MESSAGE], hidden=True)

    def flags(self) -> tuple[str, ...]:
        """What a person should look at: blocks in which the checker itself failed."""
        odd = [self.checker.sites[at].grade_id for at, found in sorted(self.found.items()) if found.why == "checker"]
        return (*(f"checker-error:{name}" for name in dict.fromkeys(odd)), *(["checker-unfinished"] * self.unfinished))


def _read(process: subprocess.Popen[bytes]) -> bytes:
    stream = cast("IO[bytes]", process.stdout)
    with stream:
        told = stream.read(MOST_TOLD)
    return re.sub(rb"[^\n]*\Z", b"", told)  # whole lines only
