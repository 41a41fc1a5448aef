"""Who is where: public board, final selection, private board, what a new scoring would change. Pure.

Scores are ranked by what is shown: a decimal with the board's digits, so that everybody can verify the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Literal

from bitgoeul.hackathon.metrics import Better
from bitgoeul.hackathon.rules import State

Tie = Literal["earlier", "shared"]
Flag = Literal["hidden", "disqualified", "selected", "baseline", "host"]
_WIDE = Context(prec=400)  # any finite float with all its digits
_UNRANKED: frozenset[Flag] = frozenset({"hidden", "disqualified", "host"})


@dataclass(frozen=True)
class Entry:
    """One submission as far as ranking goes. `flags` are those of the submission and of its team; errors are standard
    errors of the scores.
    """

    sequence: int
    team: str
    received_at: datetime
    state: State
    public: float | None = None
    private: float | None = None
    flags: frozenset[Flag] = frozenset()
    public_error: float | None = None
    private_error: float | None = None

    @property
    def counts(self) -> bool:
        """Whether it may hold a rank, or stand beside the ranks as a baseline."""
        return self.state == "scored" and self.public is not None and not self.flags & _UNRANKED


@dataclass(frozen=True)
class Row:
    """One line of a board. `rank` is None for a baseline; `sequence` is the submission that reached the score first,
    and `error` its standard error, with a digit more than the score.
    """

    rank: int | None
    team: str
    score: Decimal
    sequence: int
    reached_at: datetime
    entries: int = 1
    error: Decimal | None = None


@dataclass(frozen=True)
class Order:
    """How scores are compared: direction, digits of either board, and what decides a tie."""

    better: Better
    digits: int
    private_digits: int
    tie: Tie = "earlier"

    def key(self, score: Decimal) -> Decimal:
        """Less is better."""
        return -score if self.better == "higher" else score


def shown(score: float, digits: int) -> Decimal:
    """The score as it is shown and ranked: half to even, never -0."""
    found = Decimal(score).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN, _WIDE)
    return abs(found) if found == 0 else found


def seen(entries: Iterable[Entry], as_of: datetime | None) -> list[Entry]:
    """What may be shown to others: what came before the board froze, whenever it was scored."""
    return [entry for entry in entries if as_of is None or entry.received_at < as_of]


def public_board(entries: Iterable[Entry], order: Order, *, as_of: datetime | None) -> list[Row]:
    """Each team's best public score so far."""
    return _board(seen(entries, as_of), order, order.digits, private=False)


def _board(entries: Iterable[Entry], order: Order, digits: int, *, private: bool) -> list[Row]:
    best: dict[str, Row] = {}
    count: dict[str, int] = {}
    baselines: set[str] = set()
    for entry in sorted(entries, key=lambda entry: entry.sequence):
        score = entry.private if private else entry.public
        if not entry.counts or score is None:
            continue
        name = entry.team
        if "baseline" in entry.flags:
            baselines.add(name)
        count[name] = count.get(name, 0) + 1
        error = entry.private_error if private else entry.public_error
        spread = None if error is None else shown(error, digits + 1)
        row = Row(None, name, shown(score, digits), entry.sequence, entry.received_at, error=spread)
        if name not in best or order.key(row.score) < order.key(best[name].score):
            best[name] = row  # an equal one that came later changes nothing
    ordered = sorted(best.values(), key=lambda row: (order.key(row.score), row.reached_at, row.sequence))
    return _ranked(ordered, order, baselines, count)


def _ranked(rows: Sequence[Row], order: Order, baselines: set[str], count: dict[str, int]) -> list[Row]:
    found: list[Row] = []
    place, last = 0, None
    for row in rows:
        rank = None
        if row.team not in baselines:
            place += 1
            equal = last is not None and order.tie == "shared" and last.score == row.score
            rank = last.rank if equal and last is not None else place
        found.append(replace(row, rank=rank, entries=count[row.team]))
        last = found[-1] if rank is not None else last
    return found


def finals(entries: Iterable[Entry], order: Order, per_team: int) -> list[Entry]:
    """What counts in the end: each team's selection, empty places filled with its best public ones (earliest of equals).

    A submission that lost its right to count since it was selected leaves its place to the next best.
    """
    teams: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.counts and entry.public is not None:
            teams.setdefault(entry.team, []).append(entry)
    found: list[Entry] = []
    for mine in teams.values():
        mine.sort(key=lambda e: (order.key(shown(e.public or 0.0, order.digits)), e.received_at, e.sequence))
        chosen = [entry for entry in mine if "selected" in entry.flags]
        rest = [entry for entry in mine if "selected" not in entry.flags]
        found += (chosen + rest)[:per_team]
    return sorted(found, key=lambda entry: entry.sequence)


def private_board(entries: Iterable[Entry], order: Order, per_team: int) -> list[Row]:
    """The result: of each team's finals the best private score; ties by the earliest that reached it."""
    return _board(finals(entries, order, per_team), order, order.private_digits, private=True)


def may_select(selected: int, per_team: int, *, now: datetime, end: datetime) -> bool:
    """Whether one more may be selected; refused at the click, so that nobody is dropped for having chosen too many."""
    return now < end and selected < per_team


@dataclass(frozen=True)
class Change:
    """What a new scoring would do to one team."""

    team: str
    before: Row | None
    after: Row | None


def changes(before: Sequence[Row], after: Sequence[Row]) -> list[Change]:
    """The teams whose rank or score would change, to be looked at before it is applied."""
    olds, news = ({row.team: row for row in rows} for rows in (before, after))
    found = [Change(team, olds.get(team), news.get(team)) for team in dict.fromkeys([*olds, *news])]

    def told(row: Row | None) -> object:
        return None if row is None else (row.rank, row.score)

    return [change for change in found if told(change.before) != told(change.after)]
