"""The cells of a file of predictions, column by column: what may stand there, and what is told when it does not."""

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
from bitgoeul.hackathon.classification import Floats
from bitgoeul.hackathon.metrics import Column, Kind
from bitgoeul.hackathon.retrieval import runs

SHOWN = 5
LONGEST_ID = 60
SUM_WITHIN = 1e-6
LARGEST = 1e100  # squares of more would leave the floats, and a score would not be finite
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


@dataclass
class Faults:
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


class Lines:
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


@dataclass(frozen=True)
class Where:
    """Tells a row's line and id."""

    names: list[str]
    lines: Lines

    def places(self, rows: Sequence[int]) -> list[tuple[int, str]]:
        """The line and the id of these rows; lines only for those that are shown."""
        return [(self.lines.of(row) if n < SHOWN else 0, self.names[row]) for n, row in enumerate(rows)]


def read_columns(
    rows: list[Row], places: Mapping[str, int], wanted: Wanted, where: Where, faults: Faults
) -> list[Column]:
    """Read the target columns; of wrong cells the faults are noted, and what stands in their place is of no use."""
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
    return (0.0, "not-a-number") if math.isnan(found) else (found, "infinite" if abs(found) > LARGEST else "")


_NUMBER_FAULTS = {
    "empty": Text("열 {name}에 빈 칸이 있습니다. 모두 채우세요.", "The column {name} has empty cells. Fill them."),
    "nan": Text("열 {name}에 NaN이 있습니다. 수로 채우세요.", "The column {name} has NaN. Put numbers there."),
    "infinite": Text(
        "열 {name}에 무한대이거나 너무 큰 수가 있습니다. 1e100까지 쓰세요.",
        "The column {name} has infinite or huge values. Write 1e100 at most.",
    ),
    "not-a-number": Text(
        "열 {name}에 수가 아닌 것이 있습니다. 1.25나 3e-2처럼 쓰세요.",
        "The column {name} has cells that are no numbers. Write 1.25 or 3e-2.",
    ),
}


def _numbers(name: str, cells: list[str], wanted: Wanted, where: Where, faults: Faults) -> Floats:
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
    return found if (np.abs(found) <= LARGEST).all() else None


def _chances(name: str, cells: list[str], wanted: Wanted, where: Where, faults: Faults) -> Floats:
    found = _numbers(name, cells, wanted, where, faults)
    out = np.nonzero((found < 0.0) | (found > 1.0))[0].tolist()
    faults.rows(
        f"not-a-probability:{name}",
        where.places(out),
        f"열 {name}에는 0과 1 사이의 확률을 쓰세요.",
        f"The column {name} takes probabilities from 0 to 1.",
    )
    return found


def _labels(name: str, cells: list[str], wanted: Wanted, where: Where, faults: Faults) -> NDArray[np.int64]:
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


def _texts(name: str, cells: list[str], wanted: Wanted, where: Where, faults: Faults) -> NDArray[Any]:
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
