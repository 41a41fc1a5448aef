"""Runs a notebook's cells in the sandbox and collects what each of them did.

A cell that ends the kernel, or the whole sandbox, spoils only itself: the notebook is started again in a
fresh sandbox without it, up to the cell where it happened, and goes on from there. What was known before
stays known. So no cell of a student can take a submission away, and nothing of the old sandbox is left.
"""

from __future__ import annotations

import functools
import json
import math
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

import fastjsonschema
import nbformat
from fastjsonschema import JsonSchemaException
from nbformat import NotebookNode
from nbformat.v4 import new_output

from bitgoeul.errors import SandboxUnavailable
from bitgoeul.grading import notebooks
from bitgoeul.grading.inside.outputs import CUT
from bitgoeul.grading.sandbox import Ended, Sandbox, Say

Status = Literal["ok", "error", "timeout", "killed", "not_run"]
Why = Literal["", "cell-time", "cell-wait", "total-time", "memory", "output", "process-ended", "restarts"]
Became = Literal["", "failed", "passed", "error"]
MOST_RESTARTS = 6
START_SECONDS = 60
GRACE_SECONDS = 10
TRY_SECONDS = 2  # for complements, and three times what all took that is run again
AGAIN_SECONDS = 0.05  # a fork costs about half of it
MOST_MARKS = 700_000  # a line of brackets takes twenty times its bytes when it is read
SMALL = 3_000
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*+"')


@dataclass(frozen=True)
class CellRun:
    """What one cell did. `why` gives the reason where the status is not enough.

    `complement` tells what became of its complement: it failed as it must; or what cannot be if both were run
    honestly: it passed, or could not be worked out although the test could. Empty where it is not known.
    """

    status: Status
    outputs: tuple[NotebookNode, ...] = ()
    count: int | None = None
    why: Why = ""
    disk_full: bool = False
    crowded: bool = False
    complement: Became = ""


def error_output(name: str, text: str) -> NotebookNode:
    """Make the output by which nbgrader, too, sees that a cell failed."""
    return cast("NotebookNode", new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"]))


NOT_RUN = CellRun("not_run")
_INVALID = (error_output("InvalidOutput", "출력이 노트북 형식에 맞지 않습니다. / Not in the notebook format."),)


class Cells:
    """Tells a warm kernel one cell after the other, and has it answer a checker when all have run.

    Before the first cell that has a complement the process keeps a fork of itself. When all cells have run, the fork
    runs them, too, with the complements in place of tests that passed. Where running a student's cells again would
    take long, the fork gets what there is so far, and a new one is kept.
    """

    def __init__(
        self,
        cells: list[tuple[int, str]],
        complements: Mapping[int, str],
        *,
        cell_seconds: float,
        seconds: float,
        ask: int | None,
    ) -> None:
        self.todo = list(cells)
        self.sources, self.complements = dict(cells), dict(complements)
        self.cell_seconds, self.until = cell_seconds, time.monotonic() + seconds
        self.ask = ask
        self.now: tuple[str, int] | None = None
        self.began = 0.0
        self.tokens: dict[tuple[str, int], str] = {}
        self.steps: list[tuple[int | None, str]] | None = None
        self.took, self.again = 0.0, 0.0

    def begin(self) -> Say:
        """Wait until the kernel is ready."""
        return Say(seconds=START_SECONDS)

    def heard(self, line: bytes) -> Say | None:
        """One cell is done: give the next one. A line without the cell's token was written by somebody else."""
        if self.now is not None:
            message = _message(line)
            if message.get("token") != self.tokens[self.now]:
                return Say()
            self._note(*self.now, passed=message.get("status") == "ok")
        more = bool(self.todo) and time.monotonic() < self.until
        tested = more and self.todo[0][0] in self.complements
        if self.steps is not None and (not more or (tested and self.again > AGAIN_SECONDS)):
            while self.steps and self.steps[-1][0] is None:
                self.steps.pop()
            steps, self.steps = self.steps, None
            if steps:
                place = steps[-1][0] or 0
                return self._say("try", place, seconds=TRY_SECONDS + 3 * self.took, steps=steps)
        if more:
            place, source = self.todo.pop(0)
            keep = tested and self.steps is None
            if keep:
                self.steps, self.took, self.again = [], 0.0, 0.0
            return self._say("cell", place, seconds=self.cell_seconds, source=source, keep=keep)
        if self.ask is None or self.todo:
            return None
        ask, self.ask = self.ask, None
        return Say(b'{"ask": true}\n', math.inf, ask)

    def _note(self, what: str, place: int, *, passed: bool) -> None:
        """Note what a kept fork is to do in place of a cell that has just run."""
        if what == "cell" and self.steps is not None:
            took = time.monotonic() - self.began
            complement = self.complements.get(place) if passed else None
            self.steps.append((None, self.sources[place]) if complement is None else (place, complement))
            self.took += took
            self.again += took if complement is None else 0.0

    def _say(self, what: str, place: int, *, seconds: float, **more: object) -> Say:
        self.now, self.began = (what, place), time.monotonic()
        token = self.tokens[self.now] = secrets.token_hex(8)
        words = json.dumps({what: place, "token": token, **more}).encode() + b"\n"
        return Say(words, max(0.1, min(seconds, self.cell_seconds, self.until - self.began)))


@dataclass
class _Progress:
    """All that is known so far, over all sandboxes of one notebook."""

    seconds_left: float
    room: float
    runs: dict[int, CellRun] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)
    ready: bool = False


@dataclass(frozen=True)
class _End:
    """How one sandbox ended: which cell is to be left out next time, and whether a next time makes sense."""

    culprit: int | None
    run: CellRun
    final: bool = False


Run = Callable[..., Ended]
"""As `Sandbox.run`, with a `talk` that takes the descriptor on which a checker asks, or none."""


@dataclass(frozen=True)
class Notebook:
    """What is to be run: the sources of code cells by their places, in the kernel of that name.

    `complements` belong to the cells of their places, and are run only in a warm kernel; one that fails as it must
    says `word`.
    """

    cells: Mapping[int, str]
    files: Mapping[str, bytes]
    kernel: str
    seed: int
    packages: frozenset[str]
    complements: Mapping[int, str] = field(default_factory=dict)
    word: str = ""

    def job(self, chosen: list[tuple[int, str]], seconds: float) -> dict[str, Any]:
        """The job for a sandbox; a warm kernel hears of its cells one by one."""
        told = [] if self.kernel == "python3" else [list(cell) for cell in chosen]
        limits = {"total_seconds": max(1, int(seconds))}
        return {"kernel": self.kernel, "cells": told, "limits": limits, "seed": self.seed}


def run_cells(sandbox: Sandbox, notebook: Notebook, run: Run | None = None) -> dict[int, CellRun]:
    """Run the given cells in their order. Each one that has a source gets an entry.

    `run` stands in for the sandbox's own, say to speak with the job after its cells.
    """
    todo = {index: text for index, text in notebook.cells.items() if text.strip()}
    # What an honest kernel keeps is less; this is for lines that somebody else wrote.
    progress = _Progress(float(sandbox.grading.total_seconds), room=1.5e6 * sandbox.grading.output_mb)
    why: Why = "restarts"
    for _ in range(MOST_RESTARTS + 1):
        chosen = [(index, text) for index, text in todo.items() if index not in progress.left_out]
        ended, tokens = _one_sandbox(sandbox, notebook, chosen, progress.seconds_left, run)
        end = _take(progress, ended, [index for index, _ in chosen], tokens, notebook.word)
        if not progress.ready:
            _blame_the_files(sandbox, ended, notebook)
            why = "process-ended"
            break
        if end.culprit is not None:
            progress.runs.setdefault(end.culprit, end.run)
            progress.left_out.add(end.culprit)
        progress.seconds_left -= max(0.0, ended.seconds - 1)
        if end.final or progress.seconds_left < 1:
            why = "total-time"
            break
    return {index: progress.runs.get(index, CellRun("not_run", why=why)) for index in todo}


def _one_sandbox(
    sandbox: Sandbox, notebook: Notebook, chosen: list[tuple[int, str]], seconds: float, run: Run | None
) -> tuple[Ended, dict[tuple[str, int], str]]:
    """Give how it ended, and the token of each cell that was told to a warm kernel."""
    budget = START_SECONDS + seconds + GRACE_SECONDS
    job = notebook.job(chosen, seconds)
    if notebook.kernel != "python3":
        return sandbox.run(job, notebook.files, seconds=budget), {}
    cells: list[Cells] = []

    def talk(ask: int | None = None) -> Cells:
        limit = sandbox.grading.cell_seconds
        cells.append(Cells(chosen, notebook.complements, cell_seconds=limit, seconds=seconds, ask=ask))
        return cells[-1]

    ended = (run or sandbox.run)(job, notebook.files, packages=notebook.packages, seconds=budget, talk=talk)
    return ended, cells[-1].tokens


def _blame_the_files(sandbox: Sandbox, ended: Ended, notebook: Notebook) -> None:
    """A kernel that starts without the submission's files was kept from it by them; otherwise it is our fault.

    Where the job itself says that it is ours, nobody loses points: 3.11.2's tarfile once gave 0 to everybody with files.
    """
    alone = ended
    ours = any(_message(line).get("ours") is True for line in ended.lines)
    if notebook.files and not ours:
        empty = replace(notebook, cells={}, files={})
        alone, _ = _one_sandbox(sandbox, empty, [], float(START_SECONDS), None)
    if not any("ready" in _message(line) for line in alone.lines):
        told = " ".join(str(_message(line).get("failed", "")) for line in alone.lines)[-300:]
        raise SandboxUnavailable(
            ko=f"격리 환경에서 커널 {notebook.kernel}이(가) 시작되지 않았습니다. 잠시 뒤에 다시 채점해 주십시오. ({told})",
            en=f"The kernel {notebook.kernel} did not start in the sandbox. Judge again in a while. ({told})",
        )


def _take(progress: _Progress, ended: Ended, order: list[int], tokens: dict[tuple[str, int], str], word: str) -> _End:
    """Take over the lines of one sandbox, and see how it ended. Cells ran in that order, each by its token."""
    waiting = list(order)
    began, end, done = 0, "", -1
    for number, line in enumerate(ended.lines, 1):
        message = _message(line)
        if message.get("ready") is True and not progress.ready:
            progress.ready = True
        elif type(message.get("end")) is str:
            end = message["end"]
        elif type(message.get("try")) is int and _is(message, "try", message["try"], tokens):
            _take_tried(progress.runs, message.get("tried"), word)
        elif waiting and _is(message, "cell", waiting[0], tokens) and message.get("status") != "killed":
            done = waiting.pop(0)
            crowded = any(began <= seen < number for seen in ended.crowded)
            if number - 1 in ended.late:
                message["status"] = "timeout"
            if done not in progress.runs:
                progress.runs[done] = _within(progress, _cell_run(message, crowded=crowded))
            began = number
    finished = ended.reason == "done" and end not in ("killed", "stuck")  # as a plain kernel's runner says
    if not waiting or end == "total-time" or finished:
        return _End(None, NOT_RUN, final=True)
    culprit = waiting[0]
    if end == "stuck" or ended.reason == "silent":
        return _End(culprit, CellRun("timeout", why="cell-time"))
    if ended.reason == "wall-time":
        return _End(culprit, CellRun("timeout", why="total-time"), final=True)
    crowded = any(began <= seen for seen in ended.crowded)
    reasons: dict[str, Why] = {"memory": "memory", "output": "output"}
    return _End(culprit, CellRun("killed", why=reasons.get(ended.reason, "process-ended"), crowded=crowded))


def _take_tried(runs: dict[int, CellRun], tried: Any, word: str) -> None:
    """Take what a fork told of complements."""
    for one in tried if isinstance(tried, list) else ():
        if isinstance(one, list) and len(one) == 2 and type(one[0]) is int and one[0] in runs:
            became: Became = "failed" if one[1] == word else "error" if one[1] else "passed"
            runs[one[0]] = replace(runs[one[0]], complement=became)


def _is(message: dict[str, Any], what: str, place: int, tokens: dict[tuple[str, int], str]) -> bool:
    """Whether it answers that: by its token from a warm kernel, by its place alone from one that was given none."""
    return message.get(what) == place and message.get("token") == tokens.get((what, place))


def _message(line: bytes) -> dict[str, Any]:
    if sum(map(line.count, (b",", b"[", b"{"))) > MOST_MARKS:
        bare = _QUOTED.sub(b"", line)
        if sum(map(bare.count, (b",", b"[", b"{"))) > MOST_MARKS:
            return {}
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _cell_run(message: dict[str, Any], *, crowded: bool) -> CellRun:
    statuses: dict[object, Status] = {"ok": "ok", "error": "error", "timeout": "timeout"}
    status = statuses.get(message.get("status") if isinstance(message.get("status"), str) else None, "error")
    count = message.get("count")
    outputs = _outputs(message.get("outputs"))
    if status == "ok" and any(one.output_type == "error" for one in outputs):
        status = "error"
    late: Why = "cell-wait" if message.get("idle") is True else "cell-time"
    return CellRun(
        status,
        outputs=outputs,
        count=count if type(count) is int and 0 < count < 1_000_000 else None,
        why=late if status == "timeout" else "output" if message.get("flooded") is True else "",
        disk_full=message.get("disk_full") is True,
        crowded=crowded,
    )


def _within(progress: _Progress, run: CellRun) -> CellRun:
    """Keep no more outputs than a notebook may have; small ones, such as a test's error, are kept in any case."""
    sizes = [len(json.dumps(output)) for output in run.outputs]
    if sum(sizes) <= progress.room:
        progress.room -= sum(sizes)
        return run
    small = [output for output, size in zip(run.outputs, sizes, strict=True) if size < SMALL]
    cut = cast("NotebookNode", new_output("stream", name="stderr", text=CUT))
    return replace(run, outputs=(*small[-2:], cut))


def _outputs(found: Any) -> tuple[NotebookNode, ...]:
    """Take outputs that are what the notebook format says; one that is not makes the cell an error."""
    if not isinstance(found, list) or notebooks.deeper_than(found, notebooks.DEEPEST):
        return _INVALID
    found = notebooks.writable(found)
    try:
        _check_outputs()(found)
    except JsonSchemaException:
        return _INVALID
    return tuple(nbformat.from_dict(found))


@functools.cache
def _check_outputs() -> Callable[[Any], Any]:
    """The format's own schema of a cell's outputs, as a function: walking the schema takes twenty times as long."""
    schema = json.loads((Path(nbformat.v4.__file__).parent / "nbformat.v4.5.schema.json").read_text())
    parts = {name: schema[name] for name in ("$schema", "definitions")}
    checked: Callable[[Any], Any] = fastjsonschema.compile(
        {**parts, "type": "array", "items": {"$ref": "#/definitions/output"}}
    )
    return checked
