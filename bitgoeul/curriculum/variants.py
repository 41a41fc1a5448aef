"""Friends (other right answers) and mutants (wrong ones): what proves that the tests judge rightly."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bitgoeul.curriculum.percent import Cell, Reader, marker_of, open_reader
from bitgoeul.errors import Fault, Text, shorten

VariantKind = Literal["friends", "mutants"]
KINDS: tuple[VariantKind, ...] = ("friends", "mutants")

_KEYS = {"friends": ("style_ko", "style_en"), "mutants": ("misconception_ko", "misconception_en", "dies_at", "dies_by")}
_OPTIONAL = frozenset({"dies_by"})
_HEAD = re.compile(r"#\s*(\w+)\s*:\s*(.*?)\s*$")


@dataclass(frozen=True)
class Variant:
    """Another answer: `sources` holds whole solution cells by grade_id. A mutant has to lose points at every
    cell in `dies_at`, by one of the exceptions in `dies_by`.
    """

    kind: VariantKind
    name: str
    path: Path
    text: Text
    sources: dict[str, str]
    dies_at: tuple[str, ...] = ()
    dies_by: tuple[str, ...] = ("AssertionError",)


def read_variant(
    kind: VariantKind, path: Path, solutions: Mapping[str, Cell], tests: tuple[str, ...]
) -> tuple[Variant, list[Fault]]:
    """Read one file against the assignment's solution and test cells."""
    reader, _ = open_reader(path, fragments=True)
    head = _head(kind, reader)
    sources = _sources(reader, solutions)
    dies_at = _listed(head.get("dies_at", ""))
    for grade_id in dies_at:
        if grade_id not in tests:
            known = ", ".join(tests) or "-"
            reader.fault(
                1,
                f"dies_at의 {grade_id}은(는) test 셀이 아닙니다. 있는 셀: {known}",
                f"dies_at: {grade_id} is no test cell; there are: {known}.",
            )
    ko, en = _KEYS[kind][:2]
    text = Text(head.get(ko, ""), head.get(en, ""))
    dies_by = _listed(head.get("dies_by", "")) or ("AssertionError",)
    return Variant(kind, path.stem, path, text, sources, dies_at, dies_by), reader.faults


def region_lines(source: str) -> tuple[int, int] | None:
    """Find the two marker lines of the one solution region; none where they do not stand in order."""
    lines = source.split("\n")
    edges = [(number, marker_of(line)) for number, line in enumerate(lines) if marker_of(line)]
    if [edge for _, edge in edges] != [("BEGIN", "SOLUTION"), ("END", "SOLUTION")]:
        return None
    return edges[0][0], edges[1][0]


def replaced(source: str, region: tuple[int, int], body: str) -> str:
    """Put a body where a region with its markers stood. A body that begins further left than the markers
    is moved to their indentation.
    """
    lines = source.split("\n")
    begin, end = region
    indent = lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())]
    first = next((line for line in body.split("\n") if line.strip()), "")
    if not first.startswith(indent):
        body = textwrap.indent(textwrap.dedent(body), indent)
    return "\n".join([*lines[:begin], body, *lines[end + 1 :]])


def _sources(reader: Reader, solutions: Mapping[str, Cell]) -> dict[str, str]:
    sources: dict[str, str] = {}
    cells = reader.cells()
    if not cells:
        reader.fault(1, "바꿀 solution 셀이 하나도 없습니다.", "no solution cell is replaced here.")
    for cell in cells:
        reference = solutions.get(cell.grade_id)
        if cell.kind != "solution":
            reader.fault(cell.line, 'solution="..." 셀만 쓸 수 있습니다.', 'only cells with solution="..." stand here.')
        elif reference is None:
            known = ", ".join(solutions) or "-"
            reader.fault(
                cell.line,
                f"{cell.grade_id}이라는 solution 셀이 없습니다. 있는 셀: {known}",
                f"there is no solution cell {cell.grade_id}; there are: {known}.",
            )
        elif cell.grade_id in sources:
            reader.fault(
                cell.line,
                f"{cell.grade_id} 셀이 두 번 있습니다.",
                f"the cell {cell.grade_id} stands here twice.",
            )
        else:
            sources[cell.grade_id] = _whole(reader, cell, reference)
    return sources


def _whole(reader: Reader, cell: Cell, reference: Cell) -> str:
    own = region_lines(cell.source)
    body = "\n".join(cell.source.split("\n")[own[0] + 1 : own[1]]) if own else cell.source
    region = region_lines(reference.source)
    if region is None:
        return ""  # a fault of the assignment, told there
    if not body.strip():
        reader.fault(cell.line, "바꿔 넣을 내용이 비어 있습니다.", "the body to put in is empty.")
        return ""
    source = replaced(reference.source, region, body)
    # Lines of the assembled cell are counted from its replaced region: that is where this file's lines are.
    reader.check_syntax(source, cell.line - region[0])
    return source


def _head(kind: VariantKind, reader: Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in reader.head():
        if match := _HEAD.match(line):
            if match[1] not in _KEYS[kind] or match[1] in found:
                wanted = ", ".join(_KEYS[kind])
                reader.fault(
                    number,
                    f"머리 주석에는 {wanted}을(를) 한 번씩 쓰는데 {shorten(match[1])}이(가) 있습니다.",
                    f"the comments at the top take {wanted}, once each; found {shorten(match[1])}.",
                )
            found[match[1]] = match[2]
        elif line.strip() and not line.startswith("#"):
            reader.fault(
                number,
                f"첫 셀 위에는 주석만 둘 수 있는데 {shorten(line)}이(가) 있습니다.",
                f"only comments stand above the first cell; found {shorten(line)}.",
            )
    for key in _KEYS[kind]:
        if key not in _OPTIONAL and not found.get(key):
            reader.fault(
                1, f"머리 주석에 `# {key}: ...` 줄이 없습니다.", f"the line `# {key}: ...` is missing at the top."
            )
    return found


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
