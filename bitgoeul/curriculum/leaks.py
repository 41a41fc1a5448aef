"""Looks for answers in what students get.

A secret line is one that stands in a solution, a hidden test or a mark scheme. A release that shows it, in
a cell, an output, a metadata field or a file beside the notebook, gives the answer away. Lines that say
nothing by themselves (short ones, `else:`, imports, the first line of a loop) are no secrets, and a line of
a hidden test is one only where it asserts or raises: the lines that prepare a test may be shared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

SHORTEST = 16
FEWEST_LETTERS = 8
_NOTHING = re.compile(
    r"(import|from|def|class|for|while|if|elif|else|try|except|finally|with|async)\b.*[\w:,)]$|[#\"'@]"
)
_CHECKS = re.compile(r"(assert|raise)\b")


@dataclass(frozen=True)
class Secret:
    """One line that no student may read, and the region it stands in."""

    line: str
    region: str
    cell: str


def secrets(notebook: NotebookNode, regions: Mapping[str, tuple[str, str]]) -> list[Secret]:
    """List the telling lines of a source notebook; a solution cell without a region is secret as a whole."""
    found = []
    for index, cell in enumerate(notebook.cells):
        nbgrader = cell.metadata.get("nbgrader", {})
        name = nbgrader.get("grade_id") or f"#{index + 1}"
        lines = list(_region_lines(cell.source, regions))
        if nbgrader.get("solution") and not any(region == "SOLUTION" for region, _ in lines):
            lines += [("SOLUTION", line) for line in cell.source.split("\n")]
        found += [Secret(_flat(line), region, name) for region, line in lines if _telling(line, region, cell.cell_type)]
    return list(dict.fromkeys(found))


def leaks(secret: list[Secret], files: Mapping[str, bytes]) -> list[tuple[Secret, str]]:
    """Find each secret in the release's files; the place is a path, and for a notebook its cell too."""
    found = []
    for path, content in files.items():
        for place, text in _texts(path, content):
            flat = _flat(text)
            found += [(item, place) for item in secret if item.line in flat]
    return list(dict.fromkeys(found))


def _region_lines(source: str, regions: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    inside: str | None = None
    for line in source.split("\n"):
        edge = next(
            ((region, words.index(word)) for region, words in regions.items() for word in words if word in line), None
        )
        if edge:
            inside = edge[0] if edge[1] == 0 else None
        elif inside:
            yield inside, line


def _telling(line: str, region: str, cell_type: str) -> bool:
    text = line.strip()
    letters = sum(character.isalnum() for character in text)
    if len(re.sub(r"\s", "", text)) < SHORTEST or letters < FEWEST_LETTERS:
        return False
    if region == "HIDDEN TESTS":
        return bool(_CHECKS.match(text))
    return cell_type == "markdown" or not _NOTHING.match(text)


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _texts(path: str, content: bytes) -> Iterator[tuple[str, str]]:
    text = content.decode("utf-8", "replace")
    if not path.endswith(".ipynb"):
        yield path, text
        return
    try:
        notebook = json.loads(text)
    except ValueError:
        yield path, text
        return
    for index, cell in enumerate(notebook.pop("cells", [])):
        yield f"{path}, cell {index + 1}", "\n".join(_strings(cell))
    yield path, "\n".join(_strings(notebook))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield "".join(value)
        else:
            for item in value:
                yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
