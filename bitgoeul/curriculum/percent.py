"""Reads `assignment.py`, friends and mutants: jupytext's percent format with our own cell headers.

The headers are translated into what jupytext knows and jupytext cuts the file into cells; each cell
remembers its line, so that a fault can be found. The grammar stands in docs/instructor/authoring.md.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import jupytext
from jupytext.stringparser import StringParser

from bitgoeul.curriculum.model import Language
from bitgoeul.errors import Fault, Text, shorten

Kind = Literal["prose", "plain", "given", "solution", "test", "manual"]
NAMED: tuple[Kind, ...] = ("given", "solution", "test", "manual")
REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
RESERVED = "bitgoeul-"

_HEADER = re.compile(r"\s*#\s*(?:%%|<codecell>|In\[[0-9 ]*\]:?\s*$)(.*)$")
_PARTS = re.compile(
    r"""\s*(?:\[(?P<tag>[^\]]*)\]|(?P<key>\w+)\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s"']+)|(?P<other>\S+))"""
)
_GRADE_ID = re.compile(r"[A-Za-z0-9_\-]{1,64}")
# jupytext would take comments such as `# cat ...` for shell commands: only `# %name ...` is a magic here.
_FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
_MAGIC = re.compile(r"^# (%[a-z]\w*\b)", re.MULTILINE)
_MARKER_LIKE = re.compile(r"^\s*#[#\s]*(BEGIN|END)\b\s*([A-Z][A-Z ]*?)\s*$")


@dataclass(frozen=True)
class Cell:
    """One cell of a file. `language` is set for Markdown, `points` for tests and manual answers."""

    kind: Kind
    source: str
    line: int
    language: Language | None = None
    grade_id: str = ""
    points: float = 0.0

    @property
    def markdown(self) -> bool:
        """Whether people read it rather than Python."""
        return self.language is not None


class Reader:
    """Reads one file; `faults` fills up while it does."""

    def __init__(self, place: str, text: str, *, fragments: bool = False) -> None:
        self.place = place
        self.fragments = fragments  # friends and mutants hold bodies, which need not parse alone
        self.lines = text.splitlines()
        self.faults: list[Fault] = []

    def fault(self, line: int, ko: str, en: str) -> None:
        """Note one fault with its line."""
        self.faults.append(Fault(self.place, line, Text(ko, en)))

    def head(self) -> list[tuple[int, str]]:
        """Give the numbered lines above the first cell."""
        starts = self._starts()
        return list(enumerate(self.lines[: (starts[0] - 1) if starts else None], 1))

    def cells(self) -> list[Cell]:
        """Cut the file into cells and check each header and marker by itself."""
        starts = self._starts()
        headers = {number: self._header(number) for number in starts}
        lines = list(self.lines)
        for number, header in headers.items():
            kind = "[markdown] " if header.markdown else ""
            lines[number - 1] = f'# %% {kind}line="{number}"'
        begin = starts[0] - 1 if starts else len(lines)
        found = jupytext.reads("\n".join(lines[begin:]) + "\n", fmt=dict(_FORMAT)).cells if starts else []
        if [int(cell.metadata.get("line", 0)) for cell in found] != starts:
            self.fault(
                1,
                "셀을 나눌 수 없습니다. `# %%` 줄을 확인하십시오.",
                "the cells cannot be told apart; look at the `# %%` lines.",
            )
            return []
        cells = [self._filled(headers[start], cell.source) for start, cell in zip(starts, found, strict=True)]
        for cell, end in zip(cells, [*starts[1:], len(self.lines) + 1], strict=False):
            self._check(cell, end)
        return cells

    def _starts(self) -> list[int]:
        """Find the lines of cell headers; those inside a string are none."""
        starts, parser = [], StringParser("python")
        for number, line in enumerate(self.lines, 1):
            if not parser.is_quoted() and _HEADER.match(line):
                starts.append(number)
                parser = StringParser("python")
            else:
                parser.read_line(line)
        return starts

    def _header(self, line: int) -> Cell:
        tail = cast("re.Match[str]", _HEADER.match(self.lines[line - 1]))[1]
        tags: list[str] = []
        keys: dict[str, str] = {}
        for part in _PARTS.finditer(tail):
            if part["tag"] is not None:
                tags.append(part["tag"])
            elif part["key"] and part["key"] not in keys:
                keys[part["key"]] = part["value"].strip("\"'")
            else:
                self._unknown(line, part[0].strip())
        for tag in tags:
            if tag not in ("ko", "en"):
                self._unknown(line, f"[{tag}]")
        language = cast("Language | None", next((tag for tag in tags if tag in ("ko", "en")), None))
        if len(tags) > 1:
            self.fault(line, "셀 하나에는 언어 하나만 씁니다.", "a cell has one language.")
        for key in sorted(set(keys) - {*NAMED, "points"}):
            self._unknown(line, key)
        return self._headed(line, language, keys)

    def _unknown(self, line: int, found: str) -> None:
        self.fault(
            line,
            f"셀 머리에 [ko], [en], given, solution, test, manual, points만 쓸 수 있는데 {shorten(found)}이(가) 있습니다.",
            f"a cell's header takes [ko], [en], given, solution, test, manual and points; found {shorten(found)}.",
        )

    def _headed(self, line: int, language: Language | None, keys: dict[str, str]) -> Cell:
        kinds = [kind for kind in NAMED if kind in keys]
        if len(kinds) > 1:
            both = ", ".join(kinds)
            self.fault(
                line, f"셀 하나는 한 종류여야 하는데 {both}가 함께 있습니다.", f"a cell is of one kind; found {both}."
            )
        kind: Kind = kinds[0] if kinds else ("prose" if language else "plain")
        grade_id = keys.get(kind, "")
        if language and kind not in ("prose", "manual"):
            self.fault(
                line,
                f"{kind} 셀은 두 언어가 함께 쓰는 코드이므로 [{language}]를 뺍니다.",
                f"a {kind} cell is code of both languages; leave out [{language}].",
            )
        if kinds and (not _GRADE_ID.fullmatch(grade_id) or grade_id.startswith(RESERVED)):
            self.fault(
                line,
                f"grade_id는 영어 글자, 숫자, _, -로 64자까지이고 {RESERVED}로 시작하지 않아야 하는데 {shorten(grade_id)}을(를) 받았습니다.",
                f"a grade_id takes letters, digits, _ and -, at most 64, and does not begin with {RESERVED}; found {shorten(grade_id)}.",
            )
        return Cell(kind, "", line, language, grade_id, self._points(line, kind, keys.get("points")))

    def _points(self, line: int, kind: Kind, found: str | None) -> float:
        wanted = kind in ("test", "manual")
        if not wanted:
            if found is not None:
                self.fault(
                    line, "점수(points)는 test와 manual 셀에만 씁니다.", "only test and manual cells have points."
                )
            return 0.0
        if found is None:
            self.fault(
                line,
                f"{kind} 셀에 점수가 없습니다. points=2처럼 쓰십시오.",
                f"this {kind} cell has no points; write for example points=2.",
            )
            return 1.0
        try:
            points = float(found)
        except ValueError:
            points = 0.0
        if not 0 < points <= 1000:
            self.fault(
                line,
                f"점수는 0보다 크고 1000 이하인 수여야 하는데 {shorten(found)}을(를) 받았습니다.",
                f"points are a number above 0, at most 1000; found {shorten(found)}.",
            )
            return 1.0
        return points

    @staticmethod
    def _filled(header: Cell, source: str) -> Cell:
        if not header.markdown:
            source = _MAGIC.sub(r"\1", source)
        return Cell(header.kind, source, header.line, header.language, header.grade_id, header.points)

    def _check(self, cell: Cell, end: int) -> None:
        self._check_markers(cell, end)
        if not cell.markdown and not self.fragments:
            self.check_syntax(cell.source, cell.line)

    def check_syntax(self, source: str, line: int) -> None:
        """Note a fault if this is no Python; cells with magics are left to the kernel."""
        if any(text.lstrip().startswith(("%", "!")) for text in source.splitlines()):
            return
        try:
            compile(source, self.place, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            at = line + (getattr(error, "lineno", None) or 1)
            self.fault(at, f"파이썬 문법에 맞지 않습니다: {error}", f"this is no Python: {error}")

    def _check_markers(self, cell: Cell, end: int) -> None:
        """Check that regions are opened, closed, not nested, and stand where they mean something."""
        opened: tuple[str, int] | None = None
        for number in range(cell.line + 1, end):
            line = self.lines[number - 1]
            marker = marker_of(line)
            if marker is None:
                if like := _MARKER_LIKE.match(line):
                    self.fault(
                        number,
                        f"{shorten(like[0].strip())}은(는) 모르는 표시입니다. {', '.join(REGIONS)} 중 하나를 쓰십시오.",
                        f"{shorten(like[0].strip())} is no marker; write one of {', '.join(REGIONS)}.",
                    )
                continue
            opened = self._step(cell, number, marker, opened)
        if opened:
            self.fault(
                opened[1], f"### END {opened[0]} 표시가 없습니다.", f"the marker ### END {opened[0]} is missing."
            )

    def _step(
        self, cell: Cell, number: int, marker: tuple[str, str], opened: tuple[str, int] | None
    ) -> tuple[str, int] | None:
        edge, region = marker
        homes = {"SOLUTION": ("solution", "manual"), "HIDDEN TESTS": ("test",), "MARK SCHEME": ("manual",)}[region]
        if cell.kind not in homes:
            self.fault(
                number,
                f"{region} 구역은 {', '.join(homes)} 셀에만 씁니다.",
                f"a {region} region stands only in a {' or '.join(homes)} cell.",
            )
        if edge == "BEGIN":
            if opened:
                self.fault(
                    number,
                    f"### BEGIN {opened[0]} 구역이 아직 닫히지 않았습니다.",
                    f"the region ### BEGIN {opened[0]} is still open here.",
                )
            return (region, number)
        if opened is None or opened[0] != region:
            self.fault(
                number,
                f"이 ### END {region}에 맞는 ### BEGIN {region}이 없습니다.",
                f"this ### END {region} has no ### BEGIN {region}.",
            )
        return None


def marker_of(line: str) -> tuple[str, str] | None:
    """Tell which edge of which region a line is, just as nbgrader does: by its words, anywhere in the line."""
    for region in REGIONS:
        for edge in ("BEGIN", "END"):
            if f"{edge} {region}" in line:
                return edge, region
    return None


def open_reader(path: Path, *, fragments: bool = False) -> tuple[Reader, str]:
    """Read a file; one that is no text gives a reader of nothing, with that fault."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reader = Reader(str(path), "")
        reader.fault(1, f"UTF-8 글이어야 하는데 읽을 수 없습니다: {error}", f"a text in UTF-8 was wanted: {error}")
        return reader, ""
    return Reader(str(path), text, fragments=fragments), text
