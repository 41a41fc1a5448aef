"""A team's own scores over time as a picture, and the same in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bitgoeul.hackathon.metrics import Better
from bitgoeul.wire import moment

WIDTH, HEIGHT = 600.0, 180.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 588.0, 12.0, 148.0


@dataclass(frozen=True)
class Point:
    """One scored submission; `best` when none before was better."""

    x: float
    y: float
    score: Decimal
    at: datetime
    best: bool


@dataclass(frozen=True)
class Chart:
    """`steps` is the best score so far as an SVG path; `ticks` are heights with their labels."""

    points: tuple[Point, ...]
    steps: str
    ticks: tuple[tuple[float, str], ...]
    first: Point
    best: Point


def chart(submissions: Sequence[dict[str, Any]], better: Better) -> Chart | None:
    """The picture of what a team's submissions scored in public; None before there is a score."""
    scored = sorted((s for s in submissions if "public" in s), key=lambda s: s["sequence"])
    if not scored:
        return None
    scores, times = [Decimal(s["public"]) for s in scored], [moment(s["received_at"]) for s in scored]
    low, high = min(scores), max(scores)
    room = high - low or Decimal(1)
    begin, length = times[0], (times[-1] - times[0]).total_seconds()

    def x(number: int) -> float:
        part = (times[number] - begin).total_seconds() / length if length else 0.5
        return LEFT + 12 + (RIGHT - LEFT - 24) * part

    def y(score: Decimal) -> float:
        part = 0.5 if high == low else float((score - low) / room)
        return BOTTOM - 8 - (BOTTOM - TOP - 16) * part

    points: list[Point] = []
    best = scores[0]
    for number, score in enumerate(scores):
        leads = number == 0 or (score > best if better == "higher" else score < best)
        best = score if leads else best
        points.append(Point(x(number), y(score), score, times[number], leads))
    leading = [point for point in points if point.best]
    ticks = [(y(score), str(score)) for score in dict.fromkeys((high, low))]
    return Chart(tuple(points), _steps(leading), tuple(ticks), points[0], leading[-1])


def _steps(leading: Sequence[Point]) -> str:
    path = [f"M{leading[0].x:.1f} {leading[0].y:.1f}"]
    path += [f"H{point.x:.1f}V{point.y:.1f}" for point in leading[1:]]
    return "".join([*path, f"H{RIGHT:.1f}"])
