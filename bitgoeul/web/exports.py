"""Tables as CSV and XLSX that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Cell = str | float | None
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The media type of each kind of file."""
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(cell: Cell) -> Cell:
    """Take a formula's power: text that a spreadsheet might compute gets a leading apostrophe.

    Programs trim blanks before they decide, and East Asian ones read full-width signs as signs.
    """
    if not isinstance(cell, str):
        return cell
    text = "".join(c for c in cell if c >= " " or c in "\t\r\n")  # XML cannot hold other control characters
    first = text.lstrip(" \u00a0\u3000\ufeff\u200b")
    return f"'{text}" if first.startswith(_DANGEROUS) else text


def as_csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    """UTF-8 with a byte order mark, without which Excel reads Korean as rubbish."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([neutral(cell) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def as_xlsx(rows: Sequence[Sequence[Cell]], *, title: str) -> bytes:
    """One sheet whose first row is the heading. Every text is stored as text, never as a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=title)
    sheet.freeze_panes = "C2"
    for index in range(1, max((len(row) for row in rows), default=0) + 1):
        sheet.column_dimensions[get_column_letter(index)].width = 18
    for number, row in enumerate(rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=neutral(value))
            if isinstance(value, str):
                cell.data_type = "s"
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
