"""A challenge's phases as a picture of time: where each begins and ends, the freeze, and now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bitgoeul.errors import Text
from bitgoeul.hackathon import rules
from bitgoeul.hackathon.model import Phase
from bitgoeul.hackathon.store import Event

WIDTH = 1000.0
Standing = Literal["coming", "open", "between", "past"]


@dataclass(frozen=True)
class Span:
    """One stretch of the picture, in parts of `WIDTH`, and how it stands to now."""

    title: Text
    start: datetime
    end: datetime
    left: float
    width: float
    standing: Standing


@dataclass(frozen=True)
class Picture:
    """`now` is None before the first phase and after the last; `frozen` is where the board stops, if it does."""

    spans: tuple[Span, ...]
    now: float | None
    frozen: float | None
    freezes_at: datetime | None
    standing: Standing


def standing(start: datetime, end: datetime, now: datetime) -> Standing:
    """How a half-open window stands to now."""
    return "coming" if now < start else "open" if now < end else "past"


def picture(event: Event, now: datetime) -> Picture:
    """The whole challenge from its first start to its last end."""
    phases, start, end = event.record.phases, event.start, event.end
    whole = (end - start) / timedelta(seconds=1)

    def at(when: datetime) -> float:
        return WIDTH * ((when - start) / timedelta(seconds=1)) / whole

    def span(phase: Phase) -> Span:
        left, right = at(phase.start), at(phase.end)
        stands = standing(phase.start, phase.end, now)
        return Span(phase.title.text, phase.start, phase.end, left, right - left, stands)

    minutes = event.record.freeze_minutes
    freeze = rules.freezes_at(end, minutes) if minutes else None
    inside = start <= now < end
    stands = standing(start, end, now)
    between = inside and rules.window_at(now, phases) is None
    return Picture(
        tuple(map(span, phases)),
        at(now) if inside else None,
        at(freeze) if freeze else None,
        freeze,
        "between" if between else stands,
    )
