"""The questions of an assignment in the order of its notebook, below the headings a student knows them by."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bitgoeul.wire import CellVerdict, Verdict

_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*\s*")
_FENCE = ("```", "~~~")
_MARKS = re.compile(r"[`*_]{1,3}(?=\S)|(?<=\S)[`*_]{1,3}|\$+")


@dataclass(frozen=True)
class Section:
    """Cells of a verdict below one heading; an empty title where the notebook has none."""

    title: str
    cells: tuple[tuple[str, CellVerdict], ...]


def outline(notebooks: Mapping[str, bytes]) -> dict[str, str]:
    """The heading of each graded cell by the cell's name, in order; what cannot be read is left out.

    With several notebooks a cell's name is `notebook/grade_id`, as verdicts have it.
    """
    found: dict[str, str] = {}
    for name in sorted(notebooks):
        prefix = f"{name.removesuffix('.ipynb')}/" if len(notebooks) > 1 else ""
        heading = ""
        for cell in _cells(notebooks[name]):
            heading = _last_heading(cell) or heading
            mark = cell.get("metadata", {}).get("nbgrader", {})
            if mark.get("grade"):
                found[f"{prefix}{mark.get('grade_id')}"] = heading
    return found


def sections(verdict: Verdict, headings: Mapping[str, str]) -> list[Section]:
    """The verdict's cells below their headings; cells that the notebook does not have come last."""
    ordered = [name for name in headings if name in verdict.cells]
    ordered += [name for name in verdict.cells if name not in headings]
    found: list[Section] = []
    for name in ordered:
        title, cell = headings.get(name, ""), (name, verdict.cells[name])
        if found and found[-1].title == title:
            found[-1] = Section(title, (*found[-1].cells, cell))
        else:
            found.append(Section(title, (cell,)))
    return found


def _cells(notebook: bytes) -> list[dict[str, Any]]:
    try:
        cells = json.loads(notebook)["cells"]
        return [cell for cell in cells if isinstance(cell.get("metadata"), dict)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _last_heading(cell: Mapping[str, Any]) -> str:
    if cell.get("cell_type") != "markdown":
        return ""
    source = cell.get("source", "")
    heading, fenced = "", False
    for line in ("".join(source) if isinstance(source, list) else str(source)).splitlines():
        fenced ^= line.lstrip().startswith(_FENCE)
        match = None if fenced else _HEADING.fullmatch(line)
        heading = _MARKS.sub("", match[1]) if match else heading
    return heading
