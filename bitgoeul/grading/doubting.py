"""Tells whether tests that passed say anything: their complements have to fail.

First they are tried beside the notebook's own run, in a fork, which is quick. What did not fail there as it must is in
doubt, and says nothing yet: the fork has other processes, files and threads than the test had. So the notebook is run
once more from the beginning, with these complements in their tests' places. What they do there counts.
"""

from __future__ import annotations

from dataclasses import replace

from bitgoeul.grading.running import Became, CellRun, Notebook, Run, run_cells
from bitgoeul.grading.sandbox import Sandbox


def run_with_doubt(sandbox: Sandbox, notebook: Notebook, run: Run | None = None) -> dict[int, CellRun]:
    """Run a notebook as `run_cells` does, and say of each test that passed what became of its complement."""
    runs = run_cells(sandbox, notebook, run)
    doubted = {
        place: text
        for place, text in notebook.complements.items()
        if place in runs and runs[place].status == "ok" and runs[place].complement != "failed"
    }
    if not doubted or notebook.kernel != "python3":
        return runs
    instead = replace(notebook, cells={**notebook.cells, **doubted}, complements={})
    again = run_cells(sandbox, instead)
    return {
        place: replace(one, complement=_became(again[place], notebook.word)) if place in doubted else one
        for place, one in runs.items()
    }


def _became(run: CellRun, word: str) -> Became:
    if run.status == "ok":
        return "passed"
    said = [output.evalue for output in run.outputs if output.output_type == "error"]
    return "failed" if said == [word] else "error"
