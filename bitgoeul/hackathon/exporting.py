"""The published result as CSV and XLSX. It reads the snapshot and nothing else, so that it says what was published."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import select

from bitgoeul.database import Database
from bitgoeul.errors import BitgoeulError, Conflict
from bitgoeul.hackathon import store
from bitgoeul.hackathon import tables as t
from bitgoeul.web.exports import Cell, as_csv, as_xlsx

FIRST = ("rank", "team", "score", "reached_at", "entries", "sequence")


class SnapshotDamaged(BitgoeulError):
    """The rows of a snapshot are not those that were published."""

    code = "snapshot-damaged"


def digest_of(rows: list[dict[str, Any]]) -> str:
    """The SHA-256 by which a snapshot is known."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def published(database: Database, slug: str) -> tuple[int, str, list[dict[str, Any]]]:
    """The newest snapshot: number, SHA-256 and rows. Raise `Conflict` before there is one."""
    with database.reading() as connection:
        event = store.find_event(connection, slug)
        s = t.snapshots.c
        asked = select(t.snapshots).where(s.challenge == slug, s.number == event.published)
        row = connection.execute(asked).mappings().one_or_none()
    if row is None:
        raise Conflict(
            ko="아직 결과를 공개하지 않았습니다. 공개한 뒤에 내보내세요.",
            en="The result is not published yet. Publish it, then export.",
        )
    if digest_of(row["rows"]) != row["sha256"]:
        raise SnapshotDamaged(
            ko=f"공개한 결과 {row['number']}번이 고쳐져 SHA-256이 맞지 않습니다. 백업과 비교하세요.",
            en=f"Snapshot {row['number']} was altered: its SHA-256 does not fit. Compare with the back-up.",
        )
    return row["number"], row["sha256"], row["rows"]


def export(database: Database, slug: str, kind: str) -> bytes:
    """The newest snapshot as a file for a spreadsheet: a line a team, and last what names the snapshot."""
    number, sha256, rows = published(database, slug)
    names = [*FIRST, *sorted({name for row in rows for name in row} - set(FIRST))]
    table: list[list[Cell]] = [list(names)]
    table += [[_cell(row.get(name)) for name in names] for row in rows]
    table.append([f"snapshot {number}", f"SHA-256 {sha256}"])
    return as_csv(table) if kind == "csv" else as_xlsx(table, title=slug)


def _cell(value: Any) -> Cell:
    """Scores stay the decimals that were ranked; lists become one text."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if value is None or isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)
