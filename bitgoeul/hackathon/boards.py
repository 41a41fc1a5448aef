"""Boards as bytes: made once for each change, whoever reads them; watchers wait for the number that changes.

Everything that is shown of others goes through `of`, which asks `Event.as_of`: there is no other way around the freeze.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from bitgoeul.database import Database
from bitgoeul.hackathon import ranking, store
from bitgoeul.hackathon import tables as t
from bitgoeul.hackathon.ranking import Row
from bitgoeul.wire import moment, stamp

LOOK_EVERY = 0.25
"""Seconds in which all readers together ask the database once whether anything changed."""
TOP = 50


@dataclass(frozen=True)
class Board:
    """One state of a board. `etag` names it; `places` finds a team's line."""

    change: int
    etag: str
    top: bytes
    rows: tuple[Row, ...]
    places: dict[str, int]
    head: dict[str, Any]

    def around(self, team: str, near: int = 3) -> list[dict[str, Any]]:
        """A team's own neighbourhood."""
        place = self.places.get(team)
        if place is None:
            return []
        return [plain(row) for row in self.rows[max(0, place - near) : place + near + 1]]


def plain(row: Row) -> dict[str, Any]:
    """A line as JSON; the score as the decimal that was ranked."""
    return {
        "rank": row.rank,
        "team": row.team,
        "score": str(row.score),
        "reached_at": stamp(row.reached_at),
        "entries": row.entries,
        "sequence": row.sequence,
    }


class Boards:
    """The boards of all open challenges, one thread at a time making each."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._made: dict[tuple[str, bool], tuple[tuple[Any, ...], Board]] = {}
        self._looked: dict[str, tuple[float, tuple[Any, ...]]] = {}
        self._lock = threading.Lock()

    def of(self, slug: str, *, private: bool = False) -> Board:
        """The board as everybody may see it now. The private one is empty until it is published."""
        with self._lock:
            state = self._state(slug)
            kept = self._made.get((slug, private))
            if kept is None or kept[0] != state:
                kept = state, self._make(slug, private=private)
                self._made[slug, private] = kept
            return kept[1]

    def fresh(self, slug: str, *, private: bool = False) -> Board | None:
        """The board as it was seen a moment ago, without waiting for anything; None when somebody has to look."""
        state, kept = self._seen(slug), self._made.get((slug, private))
        return kept[1] if kept and kept[0] == state else None

    def _seen(self, slug: str) -> tuple[Any, ...] | None:
        """What a board depended on when somebody looked a moment ago; None when that is too long ago."""
        looked = self._looked.get(slug)
        return looked[1] if looked and time.monotonic() - looked[0] < LOOK_EVERY else None

    def _state(self, slug: str) -> tuple[Any, ...]:
        """What a board depends on: the number of changes, and whether it is frozen by now."""
        state = self._seen(slug)
        if state is None:
            with self._database.reading() as connection:
                event = store.find_event(connection, slug)
            state = event.change, event.as_of(self._now())
            self._looked[slug] = time.monotonic(), state
        return state

    def _make(self, slug: str, *, private: bool) -> Board:
        with self._database.reading() as connection:
            event = store.find_event(connection, slug)
            as_of = event.as_of(self._now())
            if private:
                rows = _published(connection, event)
            else:
                best, numbers = store.best_entries(connection, event, as_of)
                made = ranking.public_board(best, event.order, as_of=as_of)
                rows = [replace(row, entries=numbers[row.team]) for row in made]
        head = {
            "challenge": slug,
            "better": event.record.metric.direction,
            "frozen_at": stamp(as_of) if as_of else None,
            "published": event.published,
            "teams": sum(row.rank is not None for row in rows),
        }
        top = json.dumps({**head, "rows": [plain(row) for row in rows[:TOP]]}, ensure_ascii=False).encode()
        whole = hashlib.sha256(top + repr(rows).encode()).hexdigest()[:24]
        places = {row.team: place for place, row in enumerate(rows)}
        return Board(event.change, f'"{whole}"', top, tuple(rows), places, head)


def _published(connection: Any, event: store.Event) -> list[Row]:
    """The newest snapshot's rows: what was published, not what would come out now."""
    s = t.snapshots.c
    asked = select(s.rows).where(s.challenge == event.slug, s.number == event.published)
    return [unplain(row) for row in connection.execute(asked).scalar() or []]


def unplain(row: dict[str, Any]) -> Row:
    """A line of a snapshot as a row."""
    return Row(
        row["rank"], row["team"], Decimal(row["score"]), row["sequence"], moment(row["reached_at"]), row["entries"]
    )
