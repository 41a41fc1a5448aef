"""A published result as a table. It reads the snapshot and nothing else: what was announced is what is exported.

with database.reading() as connection:
    rows = rows_of(snapshot_of(connection, slug), "ko")
as_csv(rows); as_xlsx(rows, title=slug)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bitgoeul.errors import NotFound, Text
from bitgoeul.hackathon import store
from bitgoeul.hackathon import tables as t
from bitgoeul.spreadsheets import Cell, as_csv, as_xlsx

__all__ = ["Snapshot", "as_csv", "as_xlsx", "rows_of", "snapshot_of"]

#: The columns: a key of the snapshot's rows, and its heading. Those that no row has are left out.
COLUMNS: tuple[tuple[str, Text], ...] = (
    ("rank", Text("순위", "Rank")),
    ("team", Text("팀", "Team")),
    ("score", Text("점수", "Score")),
    ("metric_points", Text("점수 환산", "Points for the score")),
    ("judged", Text("심사 환산", "Points from judges")),
    ("total", Text("합계", "Total")),
    ("entries", Text("제출 수", "Submissions")),
    ("reached_at", Text("점수를 낸 때", "Reached at")),
    ("members", Text("팀원", "Members")),
)
_NUMBERS = frozenset({"score", "metric_points", "judged", "total"})


@dataclass(frozen=True)
class Snapshot:
    """A published result. It never changes; a later one stands beside it with the next number."""

    challenge: str
    number: int
    rows: tuple[dict[str, Any], ...]
    sha256: str
    at: datetime
    by: str

    def row(self, team: str) -> dict[str, Any] | None:
        """A team's line, if it is in the result."""
        return next((row for row in self.rows if row["team"] == team), None)

    def row_of(self, user: str) -> dict[str, Any] | None:
        """The line of the team that a person was in when it was published."""
        return next((row for row in self.rows if user in row.get("members", ())), None)

    @property
    def ranked(self) -> int:
        """How many teams hold a rank."""
        return sum(row["rank"] is not None for row in self.rows)


def snapshot_of(connection: Connection, slug: str, number: int = 0) -> Snapshot:
    """The newest published result of a challenge, or the one with this number; raise `NotFound`."""
    event, s = store.find_event(connection, slug), t.snapshots.c
    asked = select(t.snapshots).where(s.challenge == slug, s.number == (number or event.published))
    row = connection.execute(asked).mappings().one_or_none()
    if row is None:
        raise NotFound(
            ko="아직 결과를 공개하지 않았습니다. 마감 뒤 조직자가 공개하면 볼 수 있습니다.",
            en="No result is published yet. It is there once an organiser has published it after the end.",
        )
    return Snapshot(slug, row["number"], tuple(row["rows"]), row["sha256"], row["at"], row["by"])


def rows_of(snapshot: Snapshot, language: str = "ko", name_of: Callable[[str], str] = str) -> list[list[Cell]]:
    """The heading and a line for each team, best first; baselines stand without a rank. `name_of` names a member."""
    used = [(key, text) for key, text in COLUMNS if key in ("rank", "team") or any(key in r for r in snapshot.rows)]

    def cell(key: str, value: Any) -> Cell:
        if value is None:
            return None
        if key == "members":
            return ", ".join(name_of(user) for user in value)
        return float(value) if key in _NUMBERS else value if isinstance(value, int) else str(value)

    table: list[list[Cell]] = [[text.pick(language) for _, text in used]]
    return table + [[cell(key, row.get(key)) for key, _ in used] for row in snapshot.rows]
