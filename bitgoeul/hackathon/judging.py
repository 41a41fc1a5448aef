"""Judges' marks: one sheet's points, the trimmed mean of a team's sheets, and the mix with the metric. Pure.

Everything is exact (`Fraction`) until it is shown, so that the order of marks never matters. docs/instructor/hackathon.md says the formulas in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

from bitgoeul.errors import InputError, shorten
from bitgoeul.hackathon.metrics import Better
from bitgoeul.hackathon.model import Criterion, Judging, Mix
from bitgoeul.hackathon.ranking import Row

HIGHEST = 10
"""Marks go from 0 to this, in halves."""
DIGITS = 2
"""Points are out of 100, with so many digits; ranks go by what is shown."""
_WIDE = Context(prec=60)
Marks = Mapping[str, float]
"""The marks of one judge for one team, by criterion."""


def check_mark(text: str) -> float:
    """What a judge gave for one criterion; raise `InputError` unless it is one of 0, 0.5, 1 ... 10."""
    try:
        found = Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        found = Fraction(-1)
    if not 0 <= found <= HIGHEST or (found * 2).denominator != 1 or len(text) > 10:
        raise InputError(
            ko=f"점수는 0부터 {HIGHEST}까지 0.5씩인데 {shorten(text)}을(를) 받았습니다.",
            en=f"A mark is 0 to {HIGHEST} in halves; found {shorten(text)}.",
        )
    return float(found)


def whole(criteria: Sequence[Criterion], marks: Marks) -> bool:
    """Whether a sheet has a mark for each criterion."""
    return all(criterion.name in marks for criterion in criteria)


def sheet_points(criteria: Sequence[Criterion], marks: Marks) -> Fraction:
    """One judge's verdict on one team, 0 to 1: the mean of the marks by the weights of the criteria."""
    weights = sum(Fraction(criterion.weight) for criterion in criteria)
    total = sum((Fraction(c.weight) * Fraction(marks[c.name]) for c in criteria), Fraction(0))
    return total / (weights * HIGHEST)


def trimmed_mean(values: Iterable[Fraction], share: float) -> Fraction:
    """The mean without the ⌊share · n⌋ lowest and as many of the highest (scipy.stats.trim_mean cuts as many)."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    cut = int(Fraction(str(share)) * len(ordered))
    kept = ordered[cut : len(ordered) - cut]
    return sum(kept, Fraction(0)) / len(kept)


def judged_points(judging: Judging, sheets: Sequence[Marks]) -> Fraction:
    """What the judges give a team, 0 to 1: the trimmed mean of its whole sheets; 0 where nobody judged."""
    points = [sheet_points(judging.criteria, marks) for marks in sheets if whole(judging.criteria, marks)]
    return trimmed_mean(points, judging.trim) if points else Fraction(0)


def metric_points(scores: Sequence[Decimal], better: Better, mix: Mix, power: float) -> list[Fraction]:
    """The scores of the private board as parts of 1, best 1. What each `mix` does stands in `Judging.mix`."""
    values = [Fraction(score) if better == "higher" else -Fraction(score) for score in scores]
    if not values:
        return []
    if mix == "rank":
        teams = len(values)
        return [Fraction(teams - sum(other > value for other in values), teams) for value in values]
    if mix == "range":
        low, high = min(values), max(values)
        return [(value - low) / (high - low) if high > low else Fraction(1) for value in values]
    exact = [Fraction(score) for score in scores]
    best = max(exact) if better == "higher" else min(exact)
    return [_to_the_top(score, best, better, power) for score in exact]


def _to_the_top(score: Fraction, best: Fraction, better: Better, power: float) -> Fraction:
    """(score / best) ^ power, turned over where less is better. The best has 1 whatever it is; what is not above 0, 0."""
    if score == best:
        return Fraction(1)
    above, below = (score, best) if better == "higher" else (best, score)
    return Fraction(float(above / below) ** power) if above > 0 and below > 0 else Fraction(0)


@dataclass(frozen=True)
class Mixed:
    """One line of a judged result. Points are out of 100; `total` decides."""

    row: Row
    metric_points: Decimal | None
    judged: Decimal | None
    total: Decimal | None

    def plain(self) -> dict[str, Any]:
        """What a snapshot keeps beside the row."""
        parts = {"metric_points": self.metric_points, "judged": self.judged, "total": self.total}
        return {name: None if value is None else str(value) for name, value in parts.items()}


def points(value: Fraction) -> Decimal:
    """A part of 1 as points out of 100, half to even."""
    exact = Decimal(value.numerator * 100) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-DIGITS), ROUND_HALF_EVEN, _WIDE)


def mixed(board: Sequence[Row], better: Better, judging: Judging, judged: Mapping[str, Fraction]) -> list[Mixed]:
    """The private board with the judges' part, in its new order. Equal totals: the better score goes first.

    Baselines get no points and stand behind, without a rank; a team that nobody judged has 0 of the judges' part.
    """
    ranked = [row for row in board if row.rank is not None]
    ours = metric_points([row.score for row in ranked], better, judging.mix, judging.power)
    share = Fraction(str(judging.share))
    found = []
    for row, part in zip(ranked, ours, strict=True):
        by_judges = judged.get(row.team, Fraction(0))
        found.append((points((1 - share) * part + share * by_judges), points(part), points(by_judges), row))
    found.sort(key=lambda one: (-one[0], one[3].rank or 0))
    lines: list[Mixed] = []
    last: tuple[Decimal, int | None] | None = None
    for place, (total, part_points, by_points, row) in enumerate(found, 1):
        shared = last == (total, row.rank)  # the challenge shares ranks, and the scores are equal too
        rank = lines[-1].row.rank if shared else place
        lines.append(Mixed(replace(row, rank=rank), part_points, by_points, total))
        last = total, row.rank
    return lines + [Mixed(row, None, None, None) for row in board if row.rank is None]
