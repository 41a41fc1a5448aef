"""When a submission counts, how often one may come, what may become of it. Pure: plain data and `now` come in.

All times are aware; `received_at` is the database's clock when the upload's headers were accepted, and nothing a client
says about time is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

State = Literal[
    "receiving",
    "received",
    "running",
    "scored",
    "late",
    "invalid",
    "failed",
    "cancelled",
    "expired",
    "system-error",
]
W = TypeVar("W", bound="Window")
Charge = Literal["scored", "invalid"]
NEXT: Mapping[State, frozenset[State]] = {
    "receiving": frozenset({"received", "late", "expired"}),
    "received": frozenset({"running", "cancelled"}),
    "running": frozenset({"scored", "invalid", "failed", "system-error"}),
    "system-error": frozenset({"received"}),  # the one way back: it is tried again
    "late": frozenset(),
    "scored": frozenset(),
    "invalid": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}
OVER: frozenset[State] = frozenset({"scored", "late", "invalid", "failed", "cancelled", "expired", "system-error"})
"""`system-error` is over once it is not tried again."""
OLDEST: Mapping[State, timedelta] = {
    "receiving": timedelta(minutes=45),
    "received": timedelta(hours=2),
    "running": timedelta(hours=1),
}
"""How long a submission may stay in a state before the organiser is told."""
SHORTEST_UPLOAD = timedelta(seconds=60)
SLOWEST_LINK = 256_000
LEASE = timedelta(seconds=30)
MOST_RETRIES = 2


class Window(Protocol):
    """Anything with a half-open span of time."""

    @property
    def start(self) -> datetime:
        """The first moment."""

    @property
    def end(self) -> datetime:
        """The first moment after."""


def eligible(received_at: datetime, window: Window) -> bool:
    """Whether it came in time: the start itself does, the end itself does not."""
    return window.start <= received_at < window.end


def window_at(received_at: datetime, windows: Sequence[W]) -> W | None:
    """The window in which it came, if there is one."""
    return next((window for window in windows if eligible(received_at, window)), None)


def upload_ends(received_at: datetime, size: int) -> datetime:
    """Until when the body may still come. What was announced (size and SHA-256) cannot change any more."""
    return received_at + max(SHORTEST_UPLOAD, timedelta(seconds=size / SLOWEST_LINK))


def freezes_at(end: datetime, minutes: int) -> datetime:
    """From when on the board stands still; it moves with the end."""
    return end - timedelta(minutes=minutes)


def as_of(now: datetime, *, end: datetime, freeze_minutes: int, published: bool) -> datetime | None:
    """Up to which moment of receipt results may be shown to others; None: all of them.

    The one place that knows of freezing: board, team pages, counts, charts, events and exports all ask it. It goes by
    when a submission came, not by when it was scored. After the end the board stays frozen until publication.
    """
    frozen = freezes_at(end, freeze_minutes)
    return None if published or not freeze_minutes or now < frozen else frozen


# --- quota ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """One period of the quota: its name, and when the next begins."""

    key: str
    next_at: datetime


def period_of(received_at: datetime, *, hours: int, zone: ZoneInfo) -> Period:
    """The period that a moment lies in. Days change at midnight of the challenge's zone, not of UTC."""
    local = received_at.astimezone(zone)
    number = local.hour // hours
    midnight = datetime.combine(local.date(), time(0), zone)
    until = (number + 1) * hours
    next_at = midnight + timedelta(days=until // 24, hours=until % 24)  # wall time, also where summer time begins
    return Period(f"{local.date().isoformat()}/{number * hours:02d}", next_at)


def may_take(used: int, limit: int) -> bool:
    """Whether one more is allowed; where the limit was lowered below what is used, none is."""
    return used < limit


def charge(state: State) -> Charge | None:
    """Which counter a submission of this state stands on. What waits counts; what we failed to score does not."""
    if state == "invalid":
        return "invalid"
    return None if state in ("late", "expired", "cancelled", "system-error") else "scored"


def periods_elapsed(start: datetime, now: datetime, *, hours: int, zone: ZoneInfo) -> int:
    """How many periods have begun since the start, the present one included."""
    first = start.astimezone(zone)
    last = max(now, start).astimezone(zone)
    days = (last.date() - first.date()).days
    return days * (24 // hours) + last.hour // hours - first.hour // hours + 1


# --- lifecycle --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """What decides whether a submission may be taken or ended. `attempt` is the fencing token: only its newest holder's
    word counts. `failures` counts our own errors.
    """

    state: State
    attempt: int = 0
    failures: int = 0
    leased_until: datetime | None = None


def moved(work: Work, state: State) -> Work:
    """The same in another state; raise `ValueError` for a step that there is none."""
    if state not in NEXT[work.state]:
        raise ValueError(f"no way from {work.state} to {state}")
    return replace(work, state=state, leased_until=None)


def claimable(work: Work, now: datetime) -> bool:
    """Whether a worker may take it: it waits, or its holder's lease ran out."""
    lost = work.state == "running" and work.leased_until is not None and work.leased_until <= now
    return work.state == "received" or lost


def claimed(work: Work, now: datetime) -> Work:
    """As its new holder has it."""
    if not claimable(work, now):
        raise ValueError(f"{work.state} cannot be claimed")
    return replace(work, state="running", attempt=work.attempt + 1, leased_until=now + LEASE)


def holds(work: Work, attempt: int) -> bool:
    """Whether the holder of that attempt may still end it. Before it does, its word is refused."""
    return work.state == "running" and work.attempt == attempt


def after_error(work: Work) -> Work:
    """After an error of ours: again, twice at most; then it stays `system-error`."""
    failed = replace(moved(work, "system-error"), failures=work.failures + 1)
    return moved(failed, "received") if failed.failures <= MOST_RETRIES else failed


def overdue(state: State, since: datetime, now: datetime) -> bool:
    """Whether it has been in a state that is not over for too long."""
    return state in OLDEST and now - since > OLDEST[state]
