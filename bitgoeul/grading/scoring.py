"""Turns what the cells did into points, by nbgrader's rules, and into words.

Two rules differ from nbgrader's on purpose: text on stderr costs nothing (a progress bar and a warning are
no faults), and an error always means no points, whatever was displayed before it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader import utils

from bitgoeul.grading.running import NOT_RUN, CellRun
from bitgoeul.grading.sanitise import Source, grade_id
from bitgoeul.wire import CellVerdict, Doubt, Outcome

LONGEST_MESSAGE = 2_000
_NUMBER = re.compile(r"\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")

# What stands where an exception's name stands otherwise, and what it means.
REASONS = {
    "cell-time": "time limit: 셀 하나에 주어진 시간을 넘겼습니다. 끝나지 않는 반복이 없는지 살펴보십시오. / The cell ran longer than one cell may. Look for a loop that does not end.",
    "cell-wait": "wall-time limit: 셀 하나에 주어진 시간 동안 기다리기만 했습니다. 끝나지 않는 기다림이 없는지 살펴보십시오. / The cell did nothing but wait for longer than one cell may run. Look for a sleep or a lock that does not end.",
    "total-time": "wall-time limit: 노트북 전체에 주어진 시간을 다 썼습니다. / The notebook used up all the time it may run.",
    "memory": "memory limit: 주어진 메모리보다 많이 써서 멈추었습니다. / Stopped, because it used more memory than it may.",
    "output": "output limit: 출력이 너무 많아 멈추었습니다. / Stopped, because it wrote too much output.",
    "process-ended": "student process ended: 이 셀에서 프로그램이 끝나 버렸습니다. / The program came to its end in this cell.",
    "restarts": "student process ended: 앞의 셀들에서 프로그램이 여러 번 끝나 이 셀까지 오지 못했습니다. / The program ended too often in the cells above to get here.",
    "not_run": "not run: 이 셀은 실행되지 않았습니다. / This cell was not run.",
    "disk": "disk limit: 과제 폴더에 쓸 수 있는 용량이나 파일 수를 넘겼습니다. / The folder may not hold more bytes or files.",
    "processes": "process limit: 만들 수 있는 프로세스 수를 넘겼습니다. / No more processes may be started.",
    "doubted": "waits for a person: 이 검사와 그 반대 검사가 모두 통과해서 점수를 정할 수 없습니다. 강사가 살펴봅니다. / This test passed, and so did its opposite, so it says nothing. A person will look at it.",
    "unrepeatable": "waits for a person: 이 검사는 통과했는데, 복사해 둔 프로그램에서 다시 하니 오류로 끝났습니다. 강사가 살펴봅니다. / This test passed, but ended with an error when it was tried again in a copy of the program. A person will look at it.",
    "partial": "partial credit",
    "no-response": "No response. 답을 쓰지 않았습니다. / Nothing was written here.",
    "manual": "manual: 사람이 채점합니다. / A person will grade this.",
}  # fmt: skip


@dataclass(frozen=True)
class Scored:
    """One grade cell's verdict, and a flag if something about it should be looked at."""

    verdict: CellVerdict
    flag: str | None = None
    doubt: Doubt | None = None


def score(source: Source, cell: NotebookNode, run: CellRun | None) -> Scored | None:
    """Judge one cell; `None` if it carries no points."""
    name = grade_id(cell)
    if name is None or not (utils.is_grade(cell) or utils.is_task(cell)):
        return None
    most = float(cell.metadata["nbgrader"]["points"])
    hidden = source.cells[name].hidden
    if utils.is_task(cell):
        return Scored(CellVerdict(0.0, most, "manual", REASONS["manual"]))
    if utils.is_solution(cell) or cell.cell_type != "code":
        unchanged = utils.is_solution(cell) and utils.determine_grade(cell)[0] == 0
        if unchanged:
            return Scored(CellVerdict(0.0, most, "failed", REASONS["no-response"]))
        return Scored(CellVerdict(0.0, most, "manual", REASONS["manual"]))
    if run is None:  # an empty test cell passes, as it does with nbgrader
        return Scored(CellVerdict(most, most, "passed", hidden=hidden))
    earned, flag = points(cell.outputs, most) if run.status == "ok" else (0.0, None)
    if earned and run.complement in ("passed", "error"):
        why = REASONS["doubted" if run.complement == "passed" else "unrepeatable"]
        verdict = CellVerdict(0.0, most, "failed", why, hidden)
        return Scored(verdict, f"complement:{name}", Doubt("passed", run.complement, earned))
    verdict = CellVerdict(earned, most, _outcome(cell, run, earned, most), message(cell, run, earned, most), hidden)
    return Scored(verdict, f"{flag}:{name}" if flag else None)


def points(outputs: list[NotebookNode], most: float) -> tuple[float, str | None]:
    """Give full points, or the number that the test cell has as its first result, as nbgrader does.

    Of several different numbers none is taken: the student's code may have shown one itself.
    """
    results = [one["data"].get("text/plain") for one in outputs if one.output_type == "execute_result"]
    text = results[0] if results else None
    if not text:
        return most, None
    if len({found for found in results if _NUMBER.fullmatch(str(found))}) > 1:
        return 0.0, "partial-credit-odd"
    try:
        earned = float(utils.get_partial_grade({"data": {"text/plain": text}}, most))
    except ValueError:
        return 0.0, "partial-credit-too-high"
    lowest = str(text).strip().lower() in ("nan", "-inf", "inf")
    return (0.0, "partial-credit-odd") if lowest or not math.isfinite(earned) else (earned, None)


def _outcome(cell: NotebookNode, run: CellRun, earned: float, most: float) -> Outcome:
    if run.status == "ok":
        return "passed" if earned >= most else "failed"
    if run.status == "error":
        return "failed" if _error(cell)[0] == "AssertionError" else "error"
    return run.status


def message(cell: NotebookNode, run: CellRun, earned: float, most: float) -> str:
    """Say in words what happened: first the exception's name or our reason, then what a person can do."""
    if run.status == "ok":
        return "" if earned >= most else f"{REASONS['partial']}: {earned:g} / {most:g}"
    if run.status != "error":
        lines = [REASONS.get(run.why) or REASONS["not_run"]]
        name = ""
    else:
        name, text = _error(cell)
        lines = [f"{name}: {text}" if text else name]
    if run.status == "error" and run.why == "output":
        lines.append(REASONS["output"])
    if run.disk_full or (name == "OSError" and "[Errno 28]" in lines[0]):
        lines.append(REASONS["disk"])
    if run.crowded or (name == "BlockingIOError" and "[Errno 11]" in lines[0]):
        lines.append(REASONS["processes"])
    if name == "MemoryError":
        lines.append(REASONS["memory"])
    return "\n".join(lines)[:LONGEST_MESSAGE]


def _error(cell: NotebookNode) -> tuple[str, str]:
    found = [output for output in cell.outputs if output.output_type == "error"]
    if not found:
        return "Error", ""
    return _ESCAPES.sub("", found[0].ename) or "Error", _ESCAPES.sub("", found[0].evalue).strip()


def why_not_ok(run: CellRun) -> str:
    """The sentence for a cell that has no exception of its own to show."""
    return REASONS.get(run.why) or REASONS[NOT_RUN.status]
