"""Runs a notebook's cells in the sandbox and collects what each of them did.

A cell that ends the kernel, or the whole sandbox, spoils only itself: the notebook is started again in a
fresh sandbox without it, up to the cell where it happened, and goes on from there. What was known before
stays known. So no cell of a student can take a submission away, and nothing of the old sandbox is left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import nbformat
from nbformat import NotebookNode, ValidationError
from nbformat.v4 import new_code_cell, new_notebook, new_output

from bitgoeul.errors import SandboxUnavailable
from bitgoeul.grading import notebooks
from bitgoeul.grading.sandbox import Ended, Sandbox

Status = Literal["ok", "error", "timeout", "killed", "not_run"]
Why = Literal["", "cell-time", "total-time", "memory", "output", "process-ended", "restarts"]
MOST_RESTARTS = 6
START_SECONDS = 60
GRACE_SECONDS = 10


@dataclass(frozen=True)
class CellRun:
    """What one cell did. `why` gives the reason where the status is not enough."""

    status: Status
    outputs: tuple[NotebookNode, ...] = ()
    count: int | None = None
    why: Why = ""
    disk_full: bool = False
    crowded: bool = False


def error_output(name: str, text: str) -> NotebookNode:
    """Make the output by which nbgrader, too, sees that a cell failed."""
    return cast("NotebookNode", new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"]))


NOT_RUN = CellRun("not_run")
_INVALID = (error_output("InvalidOutput", "출력이 노트북 형식에 맞지 않습니다. / Not in the notebook format."),)


@dataclass
class _Progress:
    """All that is known so far, over all sandboxes of one notebook."""

    seconds_left: float
    runs: dict[int, CellRun] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)
    ready: bool = False


@dataclass(frozen=True)
class _End:
    """How one sandbox ended: which cell is to be left out next time, and whether a next time makes sense."""

    culprit: int | None
    run: CellRun
    final: bool = False


def run_cells(
    sandbox: Sandbox,
    cells: Mapping[int, str],
    files: Mapping[str, bytes],
    *,
    kernel: str,
    seed: int,
    run: Callable[..., Ended] | None = None,
) -> dict[int, CellRun]:
    """Run the given cells in their order. Each one that has a source gets an entry.

    `run` stands in for the sandbox's own, say to speak with the job after its cells.
    """
    todo = {index: text for index, text in cells.items() if text.strip()}
    progress = _Progress(float(sandbox.grading.total_seconds))
    why: Why = "restarts"
    for _ in range(MOST_RESTARTS + 1):
        chosen = [[index, text] for index, text in todo.items() if index not in progress.left_out]
        job = {"kernel": kernel, "cells": chosen, "limits": {"total_seconds": max(1, int(progress.seconds_left))}}
        ended = (run or sandbox.run)(
            job, files, seed=seed, seconds=START_SECONDS + progress.seconds_left + GRACE_SECONDS
        )
        end = _take(progress, ended)
        if not progress.ready:
            _blame_the_files(sandbox, ended, files, kernel)
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


def _blame_the_files(sandbox: Sandbox, ended: Ended, files: Mapping[str, bytes], kernel: str) -> None:
    """A kernel that starts without the submission's files was kept from it by them; otherwise it is our fault."""
    alone = sandbox.run({"kernel": kernel, "cells": []}, {}, seconds=START_SECONDS) if files else ended
    if not any("ready" in _message(line) for line in alone.lines):
        raise SandboxUnavailable(
            ko=f"격리 환경에서 커널 {kernel}이(가) 시작되지 않았습니다. 잠시 뒤에 다시 채점해 주십시오. ({ended.stderr[-300:]})",
            en=f"The kernel {kernel} did not start in the sandbox. Judge again in a while. ({ended.stderr[-300:]})",
        )


def _take(progress: _Progress, ended: Ended) -> _End:
    """Take over the lines of one sandbox, and see how it ended."""
    running: int | None = None
    last: int | None = None
    began, end = 0, ""
    for number, line in enumerate(ended.lines, 1):
        message = _message(line)
        progress.ready = progress.ready or message.get("ready") is True
        if type(message.get("start")) is int:
            running, began = message["start"], number
        elif type(message.get("end")) is str:
            end = message["end"]
        elif running is not None and message.get("cell") == running and message.get("status") != "killed":
            crowded = any(began <= seen < number for seen in ended.crowded)
            progress.runs.setdefault(running, _cell_run(message, crowded=crowded))
            running, last = None, running
    culprit = last if running is None else running
    if end in ("finished", "total-time"):
        return _End(None, NOT_RUN, final=True)
    if end == "stuck" or ended.reason == "silent":
        return _End(culprit, CellRun("timeout", why="cell-time"))
    if ended.reason == "wall-time":
        return _End(culprit, CellRun("timeout", why="total-time"), final=True)
    crowded = any(began <= seen for seen in ended.crowded)
    reasons: dict[str, Why] = {"memory": "memory", "output": "output"}
    return _End(culprit, CellRun("killed", why=reasons.get(ended.reason, "process-ended"), crowded=crowded))


def _message(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _cell_run(message: dict[str, Any], *, crowded: bool) -> CellRun:
    statuses: dict[object, Status] = {"ok": "ok", "error": "error", "timeout": "timeout"}
    status = statuses.get(message.get("status") if isinstance(message.get("status"), str) else None, "error")
    count = message.get("count")
    return CellRun(
        status,
        outputs=_outputs(message.get("outputs")),
        count=count if type(count) is int and 0 < count < 1_000_000 else None,
        why="cell-time" if status == "timeout" else "output" if message.get("flooded") is True else "",
        disk_full=message.get("disk_full") is True,
        crowded=crowded,
    )


def _outputs(found: Any) -> tuple[NotebookNode, ...]:
    """Take outputs that are what the notebook format says; one that is not makes the cell an error."""
    if not isinstance(found, list) or notebooks.deeper_than(found, notebooks.DEEPEST):
        return _INVALID
    try:
        cell = new_code_cell("", outputs=nbformat.from_dict(found))
        nbformat.validate(new_notebook(cells=[cell]), version=4, version_minor=5)
    except ValidationError:
        return _INVALID
    return tuple(cell.outputs)
