"""Seven days of devices as a picture: who held which, and when it computed. Pure; the template draws it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bitgoeul.gpus.model import Lease, Reservation, Slot

WIDTH, ROW, LEFT, TOP = 840.0, 34.0, 150.0, 26.0
_DAYS_BACK = 6
_THINNEST = 1.5
"""What has just begun can be seen."""

QUARTER = timedelta(minutes=15)

#: Seconds measured and seconds computing, of a device (host, uuid) and the quarter of an hour that starts then.
Use = Mapping[tuple[str, str, datetime], tuple[float, float]]


@dataclass(frozen=True)
class Bar:
    """A piece of a row. `look`: calendar, queue, adhoc, busy or reserved."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True)
class Row:
    """One slot: its name, where its line lies, and what is on it."""

    slot: Slot
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Picture:
    """All of it, in the units of the drawing."""

    rows: tuple[Row, ...]
    days: tuple[tuple[float, datetime], ...]
    now: float
    width: float
    height: float


def picture(
    slots: Iterable[Slot], leases: Iterable[Lease], use: Use, reservations: Iterable[Reservation], now: datetime
) -> Picture:
    """Draw six days back and today; `now` bears the academy's zone, at whose midnights the lines stand."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight + timedelta(days=day - _DAYS_BACK) for day in range(_DAYS_BACK + 2)]
    scale = _Scale(days[0], days[-1])
    leases, rows = tuple(leases), []
    for number, slot in enumerate(sorted(slots)):
        y = TOP + number * ROW
        bars = [scale.bar(x.granted_at, x.ended_at or now, y + 4, x.source) for x in leases if x.key == slot.key]
        bars += [scale.bar(a, b, y + ROW - 9, "busy", 4) for a, b in computing(slot, use)]
        kept = [r for r in reservations if r.kind == slot.kind and _nth(slot, slots) < r.count]
        bars += [scale.bar(max(now, r.starts), r.ends, y + 4, "reserved") for r in kept if r.ends > now]
        rows.append(Row(slot, y, tuple(bar for bar in bars if bar.width > 0)))
    lines = tuple((round(scale.x(day), 1), day) for day in days[:-1])
    return Picture(tuple(rows), lines, round(scale.x(now), 1), WIDTH, TOP + len(rows) * ROW + 4)


@dataclass(frozen=True)
class _Scale:
    start: datetime
    end: datetime

    def x(self, moment: datetime) -> float:
        share = (min(max(moment, self.start), self.end) - self.start) / (self.end - self.start)
        return LEFT + (WIDTH - LEFT) * share

    def bar(self, begin: datetime, end: datetime, y: float, look: str, height: float = ROW - 14) -> Bar:
        seen = begin < end and begin < self.end and end > self.start
        left, right = self.x(begin), self.x(end)
        return Bar(round(left, 1), round(y, 1), round(max(right - left, _THINNEST), 1) if seen else 0, height, look)


def _nth(slot: Slot, slots: Iterable[Slot]) -> int:
    """Which slot of its kind it is: the calendar names a number of devices, and the first ones stand for them."""
    return sorted(other for other in slots if other.kind == slot.kind).index(slot)


def computing(slot: Slot, use: Use) -> list[tuple[datetime, datetime]]:
    """When the device computed for most of a quarter of an hour; neighbours are joined."""
    spans: list[tuple[datetime, datetime]] = []
    for host, device, at in sorted(use, key=lambda place: place[2]):
        seen, busy = use[host, device, at]
        if (host, device) == (slot.host, slot.device) and busy > 0 and busy >= seen / 2:
            begin = spans.pop()[0] if spans and spans[-1][1] == at else at
            spans.append((begin, at + QUARTER))
    return spans
