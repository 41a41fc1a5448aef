"""The lines of a board as they are drawn: rank, score and its error on one scale; what a search leaves of them. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bitgoeul.hackathon.ranking import Row

WIDTH = 100.0


@dataclass(frozen=True)
class Scale:
    """Where a score lies in a picture of `WIDTH`: of the rows that are shown, the whole of their error bars."""

    low: Decimal
    high: Decimal

    def at(self, score: Decimal) -> float:
        """The place; the middle when all are the same."""
        room = self.high - self.low
        return WIDTH / 2 if not room else WIDTH * float((score - self.low) / room)


@dataclass(frozen=True)
class Line:
    """One row of the board with the ends of its error bar."""

    row: Row
    left: float
    middle: float
    right: float


def scale_of(rows: Sequence[Row]) -> Scale:
    """The scale on which all these rows fit."""
    ends = [row.score + sign * (row.error or 0) for row in rows for sign in (-1, 1)]
    return Scale(min(ends, default=Decimal(0)), max(ends, default=Decimal(0)))


def lines_of(rows: Sequence[Row], scale: Scale | None = None) -> list[Line]:
    """The rows with their bars."""
    on = scale or scale_of(rows)
    return [
        Line(row, on.at(row.score - (row.error or 0)), on.at(row.score), on.at(row.score + (row.error or 0)))
        for row in rows
    ]


def plain(text: str) -> str:
    """A name as a search compares it: composed, without case, without blanks."""
    return "".join(unicodedata.normalize("NFC", text).casefold().split())


def sifted(rows: Sequence[Row], *, words: str, teams: Collection[str] | None, most: int) -> tuple[list[Row], int]:
    """The first `most` rows whose team's name holds the words and that are among `teams` (None: all); how many there are.

    Ranks stay those of the whole board.
    """
    wanted = plain(words)
    fits: Callable[[Row], bool] = lambda row: (teams is None or row.team in teams) and wanted in plain(row.team)  # noqa: E731
    found = [row for row in rows if fits(row)] if wanted or teams is not None else list(rows)
    return found[:most], len(found)
