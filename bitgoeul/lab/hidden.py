"""Hidden tests out of a notebook that a student will read: their source, and every output that shows it.

The autograded notebook holds the hidden tests, their tracebacks quote them, and any cell that runs after
them can print them (`print(In)`). Pure functions on a notebook's dict; nothing of nbgrader is needed.
"""

from __future__ import annotations

import json
import re
from typing import Any

BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
SHORTEST = 8  # shorter lines ("else:") stand in any code and tell nothing
NOTE = "채점용 시험의 내용은 보이지 않습니다. / The contents of hidden tests are not shown."
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
Cell = dict[str, Any]


def strip_hidden(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a copy without hidden tests and without the outputs that quote them."""
    copy: dict[str, Any] = json.loads(json.dumps(notebook))
    secrets: set[str] = set()
    for cell in copy.get("cells", []):
        lines = _hide(cell)
        secrets |= {squeezed for line in lines if len(squeezed := _squeeze(line)) >= SHORTEST}
        if lines and "outputs" in cell:
            cell["outputs"] = [_blunt(output) for output in cell["outputs"] if _worth(output)]
    for cell in copy.get("cells", []):
        cell["outputs"] = [_guard(output, secrets) for output in cell["outputs"]] if "outputs" in cell else []
        if cell.get("cell_type") != "code":
            del cell["outputs"]
    return copy


def _hide(cell: Cell) -> list[str]:
    """Take the hidden regions out of a cell; an unfinished one ends with the cell. Returns what was taken."""
    text = cell.get("source", "")
    lines = ("".join(text) if isinstance(text, list) else str(text)).split("\n")
    kept: list[str] = []
    taken: list[str] = []
    inside = False
    for line in lines:
        if BEGIN in line:
            inside = True
        elif END in line:
            inside = False
        else:
            (taken if inside else kept).append(line)
    if len(kept) != len(lines):
        cell["source"] = "\n".join(kept)
    return taken


def _worth(output: Cell) -> bool:
    """Of a cell with hidden tests only the fact that it failed is shown: all else may be a hidden message."""
    return output.get("output_type") == "error"


def _blunt(output: Cell) -> Cell:
    name = str(output.get("ename", ""))
    return {"output_type": "error", "ename": name, "evalue": "", "traceback": [f"{name}: {NOTE}"]}


def _guard(output: Cell, secrets: set[str]) -> Cell:
    """Replace an output that quotes a hidden line, however it is coloured, quoted or wrapped."""
    shown = _squeeze(json.dumps(output, ensure_ascii=False))
    if not any(secret in shown for secret in secrets):
        return output
    if output.get("output_type") == "error":
        return _blunt(output)
    return {"output_type": "stream", "name": "stdout", "text": NOTE + "\n"}


def _squeeze(text: str) -> str:
    """Without colours, spaces, quotes and escapes, so that a quotation is found in any dress."""
    bare = _ANSI.sub("", text.replace("\\u001b", "\x1b"))
    return re.sub(r"""\\[nrt"'\\]|[\s"'\\]""", "", bare)
