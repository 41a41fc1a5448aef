"""A roster file becomes rows of plain text: CSV as Excel and others write it, or XLSX.

Excel in Korea writes CSV in CP949, everything else in UTF-8, with or without a mark at its beginning. UTF-8 is tried
first: Korean text in CP949 is never valid UTF-8. Columns have Korean or English names, in any order.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from bitgoeul.errors import Fault, RosterError, shorten

COLUMNS: dict[str, tuple[str, ...]] = {
    "user": ("user", "사용자", "아이디", "id"),
    "account": ("account", "계정"),
    "name": ("name", "이름", "성명", "name_ko"),
    "name_en": ("name_en", "영문이름", "영어이름", "englishname"),
    "role": ("role", "역할", "구분"),
    "language": ("language", "언어"),
    "cohort": ("cohort", "기수", "반"),
    "starts": ("starts", "시작", "시작일"),
    "ends": ("ends", "종료", "종료일", "마지막날"),
}
"""Our column, and what a file may call it; blanks and the size of letters do not count."""

NEEDED = ("user", "name")
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Row:
    """One row. `line` is what a spreadsheet shows at its left; an absent cell is empty text."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Give the cell's text."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Sheet:
    """A file's rows, and the encoding in which it was read, for people to see."""

    place: str
    encoding: str
    rows: tuple[Row, ...]


def read(path: Path) -> Sheet:
    """Read CSV or XLSX; raise `RosterError` where the file, its encoding or its first row will not do."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _whole(
            path, f"파일을 읽을 수 없습니다: {error.strerror}", f"the file cannot be read: {error.strerror}"
        ) from None
    if data.startswith(b"PK"):
        return _sheet(path, "XLSX", _xlsx(path, data))
    text, encoding = _decoded(path, data)
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    return _sheet(path, encoding, enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1))


def _decoded(path: Path, data: bytes) -> tuple[str, str]:
    for encoding, name in (("utf-8-sig", "UTF-8"), ("cp949", "CP949")):
        try:
            return data.decode(encoding), name
        except UnicodeDecodeError:
            continue
    raise _whole(
        path,
        "UTF-8이나 CP949로 된 CSV 또는 XLSX여야 합니다. 엑셀에서 ‘CSV UTF-8(쉼표로 분리)’이나 .xlsx로 저장하십시오.",
        "CSV in UTF-8 or CP949, or XLSX, was wanted; save it from Excel as “CSV UTF-8” or .xlsx.",
    )


def _xlsx(path: Path, data: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # the one reader of this format; half a second that CSV need not spend
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_text(cell) for cell in cells]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError):
        raise _whole(
            path, "엑셀 파일(.xlsx)로 읽을 수 없습니다.", "it cannot be read as an Excel file (.xlsx)."
        ) from None


def _text(cell: object) -> str:
    """Write a cell as a person sees it: whole numbers without a point, days without an hour."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _sheet(path: Path, encoding: str, lines: Iterable[tuple[int, Sequence[str]]]) -> Sheet:
    numbered = iter(lines)
    columns = _columns(path, next(numbered, (1, []))[1])
    rows = []
    for line, cells in numbered:
        found = {name: " ".join(cell.split()) for name, cell in zip(columns, cells, strict=False) if name}
        if any(found.values()):
            rows.append(Row(line, found))
        if len(rows) > MOST_ROWS:
            raise _whole(path, f"줄이 {MOST_ROWS}개를 넘습니다.", f"it has more than {MOST_ROWS} rows.")
    if not rows:
        raise _whole(path, "사람이 한 줄도 없습니다.", "there is not one row of a person.")
    return Sheet(path.name, encoding, tuple(rows))


def _columns(path: Path, titles: Sequence[str]) -> list[str]:
    known = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
    found = [known.get("".join(title.split()).lower().replace("-", "_"), "") for title in titles]
    faults = [
        Fault.of(
            path.name,
            1,
            f"{shorten(title)} 열은 모릅니다. 쓸 수 있는 열: {', '.join(aliases[1] for aliases in COLUMNS.values())}",
            f"the column {shorten(title)} is not known; columns are: {', '.join(COLUMNS)}",
        )
        for title, name in zip(titles, found, strict=True)
        if title.strip() and not name
    ]
    faults += [
        Fault.of(path.name, 1, f"‘{COLUMNS[name][1]}’ 열이 없습니다.", f"the column “{name}” is missing.")
        for name in NEEDED
        if name not in found
    ]
    faults += [
        Fault.of(path.name, 1, f"‘{COLUMNS[name][1]}’ 열이 두 번 있습니다.", f"the column “{name}” is there twice.")
        for name in COLUMNS
        if found.count(name) > 1
    ]
    if faults:
        raise RosterError(faults)
    return found


def _whole(path: Path, ko: str, en: str) -> RosterError:
    return RosterError([Fault.of(path.name, 1, ko, en)])
