"""A judge for trusted notebooks, in this process's kernel: as nbgrader scores, without any sandbox."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbgrader.utils import determine_grade, is_grade

from bitgoeul.wire import CellVerdict, Verdict


def judge(source: bytes, submission: bytes, files: dict[str, bytes]) -> Verdict:
    """Put the source's test cells into the submission, run it, and count."""
    reference, notebook = (nbformat.reads(content.decode(), as_version=4) for content in (source, submission))
    tests = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in reference.cells
        if is_grade(cell) and not cell.metadata["nbgrader"]["solution"]
    }
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = tests.get(name, cell.source)
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        NotebookClient(notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": folder}}).execute()
    cells = {cell.metadata["nbgrader"]["grade_id"]: _verdict(cell) for cell in notebook.cells if is_grade(cell)}
    return Verdict(
        score=sum(cell.score for cell in cells.values()),
        max_score=sum(cell.max_score for cell in cells.values()),
        cells=cells,
    )


def _verdict(cell: nbformat.NotebookNode) -> CellVerdict:
    points = float(cell.metadata["nbgrader"]["points"])
    if cell.metadata["nbgrader"]["solution"] or cell.cell_type != "code":
        return CellVerdict(0.0, points, "manual")
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    if error:
        outcome = "failed" if error.ename == "AssertionError" else "error"
        return CellVerdict(0.0, points, outcome, f"{error.ename}: {error.evalue}")
    score, _ = determine_grade(cell)
    return CellVerdict(float(score), points, "passed")
