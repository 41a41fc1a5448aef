"""Reads a file of predictions as hostile bytes: CSV or Parquet, every kind of fault at once, rows found by their id.

Row order means nothing. The ids have to be exactly those that were asked for: a missing, doubled or unknown one is a
fault, never dropped and never lined up by position. Ids are public, so faults name them; labels never are.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitgoeul.errors import AnswerError, AnswerFault, Text, shorten
from bitgoeul.hackathon import parquet
from bitgoeul.hackathon.classification import Floats
from bitgoeul.hackathon.metrics import Column, Guess, Kind
from bitgoeul.hackathon.retrieval import runs

SHOWN = 5
LONGEST_ID = 60
SUM_WITHIN = 1e-6
_DIGITS = frozenset("0123456789+-.eE")
Row = list[str]


@dataclass(frozen=True)
class Wanted:
    """What a file has to hold: the id column, the target columns of one kind, and the ids in the order of the answers.

    `classes` are the labels of kind `label`; of kind `probability` they are what the columns stand for.
    """

    id_column: str
    columns: tuple[str, ...]
    kind: Kind
    ids: Mapping[str, int]
    classes: tuple[str, ...] = ()
    least: float | None = None
    most_bytes: int = 50_000_000
    longest_cell: int = 10_000

    @property
    def header(self) -> tuple[str, ...]:
        """All columns."""
        return (self.id_column, *self.columns)


def index_of(ids: Sequence[str]) -> dict[str, int]:
    """The place of each id."""
    return {name: place for place, name in enumerate(ids)}


@dataclass
class _Faults:
    """Collects faults by kind; of each the first few places."""

    found: dict[str, AnswerFault] = field(default_factory=dict)

    def whole(self, code: str, ko: str, en: str) -> None:
        """A fault of the file as a whole."""
        self.found.setdefault(code, AnswerFault(code, Text(ko, en)))

    def rows(self, code: str, places: Sequence[tuple[int, str]], ko: str, en: str) -> None:
        """A fault of so many rows, told by line and id."""
        if places:
            shown = tuple((line, shorten(name, LONGEST_ID)[1:-1]) for line, name in places[:SHOWN])
            self.found[code] = AnswerFault(code, Text(ko, en), len(places), shown)

    def end(self) -> None:
        """Raise them, if there are any."""
        if self.found:
            raise AnswerError(list(self.found.values()))


def read(data: bytes, wanted: Wanted) -> Guess:
    """The columns in the order of the answers; raise `AnswerError` with every kind of fault."""
    faults = _Faults()
    if len(data) > wanted.most_bytes:
        size = f"{wanted.most_bytes:,}"
        faults.whole(
            "too-large",
            f"{size}바이트까지 낼 수 있습니다. 자릿수를 줄이세요.",
            f"At most {size} bytes are taken. Write fewer digits.",
        )
        faults.end()
    if data.startswith(parquet.MAGIC):
        most = 2 * len(wanted.ids) + 1000
        data = parquet.to_csv(data, most_rows=most, most_columns=64, most_bytes=4 * wanted.most_bytes)
    text = _decoded(data, faults)
    header, rows = _table(text, faults, most=2 * len(wanted.ids) + 1000)
    places = _check_header(header, wanted, faults)
    lines = _Lines(text)
    rows = _check_widths(rows, len(header), lines, faults)
    if wanted.id_column in places:
        names = [row[places[wanted.id_column]] for row in rows]
        order = _check_ids(names, wanted, lines, faults)
        columns = _columns(rows, places, wanted, _Where(names, lines), faults)
        faults.end()
        return _arranged(columns, order, wanted)
    faults.end()
    raise AssertionError("a file without its id column has a fault")


def _decoded(data: bytes, faults: _Faults) -> str:
    """UTF-8, with or without a byte-order mark."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.whole(
            "not-utf8",
            f"UTF-8 글자여야 하는데 {line}번째 줄에 다른 바이트가 있습니다. 엑셀이라면 'CSV UTF-8'로 저장하세요.",
            f"UTF-8 text was wanted; line {line} holds other bytes. In a spreadsheet, save as 'CSV UTF-8'.",
        )
        faults.end()
    if "\0" in text:
        faults.whole(
            "nul",
            "0 바이트가 들어 있습니다. 파일을 다시 저장하세요.",
            "There are zero bytes in it. Save the file again.",
        )
        faults.end()
    return text


class _Lines:
    """The line on which each row begins; a cell in quotes may span several, so counting rows is not enough."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: list[int] | None = None

    def of(self, row: int) -> int:
        """The line of the row with that place; rows are read again only when a fault is told."""
        if self._lines is None:
            reader = csv.reader(io.StringIO(self._text, newline=""), strict=True)
            self._lines, begin = [], 1
            for cells in reader:
                if cells:
                    self._lines.append(begin)
                begin = reader.line_num + 1
        return self._lines[row + 1]  # the header is the first


def _table(text: str, faults: _Faults, *, most: int) -> tuple[Row, list[Row]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        for row in reader:
            if row:  # an empty line is no row
                rows.append(row)
            if len(rows) > most:
                faults.whole(
                    "too-many-rows",
                    f"행이 {most:,}개가 넘습니다. 견본 파일의 id만 남기세요.",
                    f"There are more than {most:,} rows. Keep the ids of the sample file.",
                )
                break
    except csv.Error as error:
        at = reader.line_num
        faults.whole(
            "bad-csv",
            f"{at}번째 줄 근처가 CSV 형식이 아닙니다({error}). 따옴표를 확인하세요.",
            f"Near line {at} this is no CSV ({error}). Look at its quotes.",
        )
    if not rows:
        faults.whole(
            "empty",
            "파일이 비어 있습니다. 견본 파일처럼 첫 줄에 열 이름을 쓰세요.",
            "The file is empty. Begin with the column names, as the sample file does.",
        )
    faults.end()
    return rows[0], rows[1:]


def _check_header(header: Row, wanted: Wanted, faults: _Faults) -> dict[str, int]:
    """The place of each wanted column that is there."""
    asked = ", ".join(wanted.header)
    found = shorten(", ".join(header), 200)[1:-1]
    missing = [name for name in wanted.header if name not in header]
    if missing:
        hint = Text("", "")
        if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
            hint = Text(" 열 사이는 쉼표여야 합니다.", " Columns are parted by commas.")
        faults.whole(
            "missing-column",
            f"열 {asked}이(가) 있어야 하는데 첫 줄은 {found}입니다. 빠진 열: {', '.join(missing)}.{hint.ko}",
            f"The columns {asked} were wanted; the first line is {found}. Missing: {', '.join(missing)}.{hint.en}",
        )
    extra = [name for name in header if name not in wanted.header]
    if extra:
        more = shorten(", ".join(extra), 200)[1:-1]
        faults.whole(
            "extra-column",
            f"다음 열은 지우세요: {more}. 필요한 열: {asked}.",
            f"Take out these columns: {more}. Wanted: {asked}.",
        )
    if len(set(header)) < len(header):
        faults.whole(
            "doubled-column", f"같은 이름의 열이 둘 이상입니다: {found}.", f"A column stands there twice: {found}."
        )
    return {name: header.index(name) for name in wanted.header if name in header}


def _check_widths(rows: list[Row], width: int, lines: _Lines, faults: _Faults) -> list[Row]:
    if all(len(row) == width for row in rows):
        return rows
    bad = [(lines.of(place), row[0]) for place, row in enumerate(rows) if len(row) != width]
    faults.rows(
        "row-width",
        bad,
        f"한 행에 칸이 {width}개여야 하는데 그렇지 않은 행이 있습니다.",
        f"Each row takes {width} cells; some have more or fewer.",
    )
    return [(row + [""] * width)[:width] for row in rows]


def _check_ids(names: list[str], wanted: Wanted, lines: _Lines, faults: _Faults) -> NDArray[np.int64]:
    """The answers' place of each row."""
    found = list(map(wanted.ids.get, names))
    if None not in found and len(found) == len(wanted.ids) == len(set(found)):
        return np.array(found, np.int64)
    seen: set[str] = set()
    doubled: list[tuple[int, str]] = []
    unknown: list[tuple[int, str]] = []
    for place, name in enumerate(names):
        if name not in wanted.ids:
            unknown.append((place, name))
        elif name in seen:
            doubled.append((place, name))
        seen.add(name)
    missing = [(0, name) for name in wanted.ids if name not in seen]
    for code, rows, ko, en in (
        (
            "unknown-id",
            unknown,
            "물어보지 않은 id가 있습니다. 견본 파일의 id만 쓰세요.",
            "Some ids were not asked for. Use those of the sample file.",
        ),
        (
            "duplicate-id",
            doubled,
            "같은 id가 두 번 나옵니다. 한 번씩만 쓰세요.",
            "Some ids stand there twice. Give each once.",
        ),
    ):
        faults.rows(code, [(lines.of(place) if n < SHOWN else 0, name) for n, (place, name) in enumerate(rows)], ko, en)
    faults.rows(
        "missing-id",
        missing,
        "답이 없는 id가 있습니다. 견본 파일의 모든 id에 답하세요.",
        "Some ids have no row. Answer every id of the sample file.",
    )
    return np.zeros(0, np.int64)


@dataclass(frozen=True)
class _Where:
    """Tells a row's line and id."""

    names: list[str]
    lines: _Lines

    def places(self, rows: Sequence[int]) -> list[tuple[int, str]]:
        """The line and the id of these rows; lines only for those that are shown."""
        return [(self.lines.of(row) if n < SHOWN else 0, self.names[row]) for n, row in enumerate(rows)]


def _columns(
    rows: list[Row], places: Mapping[str, int], wanted: Wanted, where: _Where, faults: _Faults
) -> list[Column]:
    reading: Callable[..., Column] = {"number": _numbers, "probability": _chances, "label": _labels}.get(
        wanted.kind, _texts
    )
    found = []
    for name in wanted.columns:
        if name in places:
            cells = [row[places[name]] for row in rows]
            found.append(reading(name, cells, wanted, where, faults))
    if wanted.kind == "probability" and len(found) == len(wanted.columns) > 1 and not faults.found:
        off = np.nonzero(np.abs(np.sum(found, axis=0) - 1.0) > SUM_WITHIN)[0].tolist()
        faults.rows(
            "row-sum",
            where.places(off),
            "확률의 합이 1이 아닌 행이 있습니다. 행마다 합으로 나누세요.",
            "Some rows do not add up to 1. Divide each by its sum.",
        )
    return found


def _number(cell: str) -> tuple[float, str]:
    """A plain decimal number, or the kind of fault it is. Python's own `float` also takes `1_0`, `nan` and `１`."""
    plain = cell.strip()
    if not plain:
        return 0.0, "empty"
    if plain.lower().lstrip("+-") in ("nan", "na", "null", "none"):
        return 0.0, "nan"
    if plain.lower().lstrip("+-") in ("inf", "infinity"):
        return 0.0, "infinite"
    try:
        found = float(plain) if set(plain) <= _DIGITS else math.nan
    except ValueError:
        found = math.nan
    return (0.0, "not-a-number") if math.isnan(found) else (found, "infinite" if math.isinf(found) else "")


_NUMBER_FAULTS = {
    "empty": Text("열 {name}에 빈 칸이 있습니다. 모두 채우세요.", "The column {name} has empty cells. Fill them."),
    "nan": Text("열 {name}에 NaN이 있습니다. 수로 채우세요.", "The column {name} has NaN. Put numbers there."),
    "infinite": Text(
        "열 {name}에 무한대가 있습니다. 유한한 수로 바꾸세요.",
        "The column {name} has infinite values. Make them finite.",
    ),
    "not-a-number": Text(
        "열 {name}에 수가 아닌 것이 있습니다. 1.25나 3e-2처럼 쓰세요.",
        "The column {name} has cells that are no numbers. Write 1.25 or 3e-2.",
    ),
}


def _numbers(name: str, cells: list[str], wanted: Wanted, where: _Where, faults: _Faults) -> Floats:
    found = _plainly(cells)
    if found is None:
        pairs = [_number(cell) for cell in cells]
        for kind, text in _NUMBER_FAULTS.items():
            told = text.format(name=name)
            faults.rows(
                f"{kind}:{name}", where.places([n for n, pair in enumerate(pairs) if pair[1] == kind]), told.ko, told.en
            )
        found = np.array([pair[0] for pair in pairs])
        if wanted.least is not None or wanted.kind == "probability":
            found = np.where([pair[1] == "" for pair in pairs], found, 0.0)
    if wanted.least is not None:
        low = np.nonzero(found < wanted.least)[0].tolist()
        faults.rows(
            f"too-low:{name}",
            where.places(low),
            f"열 {name}은(는) {wanted.least:g} 이상이어야 합니다.",
            f"The column {name} takes {wanted.least:g} or more.",
        )
    return found


def _plainly(cells: list[str]) -> Floats | None:
    """All at once, where every cell is plain and finite."""
    if not set("".join(cells)) <= _DIGITS:
        return None
    try:
        found = np.array(list(map(float, cells)), np.float64)
    except ValueError:
        return None
    return found if np.isfinite(found).all() else None


def _chances(name: str, cells: list[str], wanted: Wanted, where: _Where, faults: _Faults) -> Floats:
    found = _numbers(name, cells, wanted, where, faults)
    out = np.nonzero((found < 0.0) | (found > 1.0))[0].tolist()
    faults.rows(
        f"not-a-probability:{name}",
        where.places(out),
        f"열 {name}에는 0과 1 사이의 확률을 쓰세요.",
        f"The column {name} takes probabilities from 0 to 1.",
    )
    return found


def _labels(name: str, cells: list[str], wanted: Wanted, where: _Where, faults: _Faults) -> NDArray[np.int64]:
    known = {label: place for place, label in enumerate(wanted.classes)}
    found = [known.get(cell.strip(), -1) for cell in cells]
    classes = shorten(", ".join(wanted.classes), 200)[1:-1]
    empty = [n for n, cell in enumerate(cells) if not cell.strip()]
    told = _NUMBER_FAULTS["empty"].format(name=name)
    faults.rows(f"empty:{name}", where.places(empty), told.ko, told.en)
    odd = [n for n, label in enumerate(found) if label < 0 and cells[n].strip()]
    faults.rows(
        f"unknown-label:{name}",
        where.places(odd),
        f"열 {name}에 없는 이름표가 있습니다. 쓸 수 있는 것: {classes}.",
        f"The column {name} has unknown labels. There are: {classes}.",
    )
    return np.array(found, np.int64)


def _texts(name: str, cells: list[str], wanted: Wanted, where: _Where, faults: _Faults) -> NDArray[Any]:
    """Lists, masks and texts; an empty one is an answer, too: nothing found."""
    long = [n for n, cell in enumerate(cells) if len(cell) > wanted.longest_cell]
    faults.rows(
        f"too-long:{name}",
        where.places(long),
        f"열 {name}의 칸은 {wanted.longest_cell}자까지입니다.",
        f"A cell of {name} takes {wanted.longest_cell} characters.",
    )
    if wanted.kind == "mask":
        odd = [n for n, cell in enumerate(cells) if not _is_mask(cell)]
        faults.rows(
            f"bad-mask:{name}",
            where.places(odd),
            f"열 {name}에는 '시작 길이 시작 길이'를 겹치지 않게 차례로 쓰세요.",
            f"The column {name} takes 'start length start length', in order and apart.",
        )
    return np.array(cells, object)


def _is_mask(cell: str) -> bool:
    try:
        runs(cell)
    except ValueError:
        return False
    return True


def _arranged(columns: list[Column], order: NDArray[np.int64], wanted: Wanted) -> Guess:
    """Put the rows into the answers' order; probabilities of several columns become one matrix."""
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    found = tuple(column[back] for column in columns)
    return (np.column_stack(found),) if wanted.kind == "probability" and len(found) > 1 else found
