"""Reads a file of predictions as hostile bytes: CSV or Parquet, every kind of fault at once, rows found by their id.

Row order means nothing. The ids have to be exactly those that were asked for: a missing, doubled or unknown one is a
fault, never dropped and never lined up by position. Ids are public, so faults name them; labels never are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bitgoeul.errors import Text, shorten
from bitgoeul.hackathon import parquet
from bitgoeul.hackathon.cells import SHOWN, Faults, Lines, Row, Wanted, Where, read_columns
from bitgoeul.hackathon.metrics import Column, Guess


def index_of(ids: Sequence[str]) -> dict[str, int]:
    """The place of each id."""
    return {name: place for place, name in enumerate(ids)}


def read(data: bytes, wanted: Wanted) -> Guess:
    """The columns in the order of the answers; raise `AnswerError` with every kind of fault."""
    faults = Faults()
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
    lines = Lines(text)
    rows = _check_widths(rows, len(header), lines, faults)
    if wanted.id_column in places:
        names = [row[places[wanted.id_column]] for row in rows]
        order = _check_ids(names, wanted, lines, faults)
        columns = read_columns(rows, places, wanted, Where(names, lines), faults)
        faults.end()
        return _arranged(columns, order, wanted)
    faults.end()
    raise AssertionError("a file without its id column has a fault")


def _decoded(data: bytes, faults: Faults) -> str:
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


def _table(text: str, faults: Faults, *, most: int) -> tuple[Row, list[Row]]:
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


def _check_header(header: Row, wanted: Wanted, faults: Faults) -> dict[str, int]:
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


def _check_widths(rows: list[Row], width: int, lines: Lines, faults: Faults) -> list[Row]:
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


def _check_ids(names: list[str], wanted: Wanted, lines: Lines, faults: Faults) -> NDArray[np.int64]:
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


def _arranged(columns: list[Column], order: NDArray[np.int64], wanted: Wanted) -> Guess:
    """Put the rows into the answers' order; probabilities of several columns become one matrix."""
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    found = tuple(column[back] for column in columns)
    return (np.column_stack(found),) if wanted.kind == "probability" and len(found) > 1 else found
