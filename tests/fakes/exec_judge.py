"""A judge for trusted notebooks that runs them in this process: thousands of verdicts a minute, no sandbox.

It keeps the real engine's contract (`tests/unit/curriculum/test_real_engine.py` compares the two).
"""

from __future__ import annotations

import ast
from typing import Any

import nbformat
from nbgrader.utils import is_grade, is_solution

from bitgoeul.wire import CellVerdict, Verdict


def judge(source: bytes, submission: bytes, files: dict[str, bytes]) -> Verdict:
    """Put the source's test cells into the submission, run its cells, and count."""
    reference, notebook = (nbformat.reads(content.decode(), as_version=4) for content in (source, submission))
    tests = {cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in reference.cells if is_grade(cell)}
    space: dict[str, Any] = {"__name__": "__main__"}
    cells = {}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        test = is_grade(cell) and not is_solution(cell) and cell.cell_type == "code"
        ran = _run(tests[name] if test else cell.source, space) if cell.cell_type == "code" else None
        if is_grade(cell):
            points = float(cell.metadata["nbgrader"]["points"])
            cells[name] = _verdict(ran, points) if test else CellVerdict(0.0, points, "manual")
    return Verdict(
        score=sum(cell.score for cell in cells.values()),
        max_score=sum(cell.max_score for cell in cells.values()),
        cells=cells,
    )


def _run(text: str, space: dict[str, Any]) -> Any:
    """Give the last expression's value, or the exception that ended the cell."""
    try:
        tree = ast.parse(text)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), space)  # noqa: S102 - that is the job
        return eval(compile(ast.Expression(last.value), "cell", "eval"), space) if last else None  # noqa: S307
    except Exception as error:  # noqa: BLE001 - a cell may raise anything
        return error


def _verdict(ran: Any, points: float) -> CellVerdict:
    if isinstance(ran, Exception):
        name = type(ran).__name__
        outcome = "failed" if name == "AssertionError" else "error"
        return CellVerdict(0.0, points, outcome, f"{name}: {ran}" if str(ran) else name)
    if type(ran) in (int, float) and ran < points:
        return CellVerdict(float(ran), points, "failed", f"partial credit: {ran:g} / {points:g}")
    return CellVerdict(points, points, "passed")
