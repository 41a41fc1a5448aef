"""Who may hold which GPU, and when. Pure: everything takes `now` and plain data.

A **slot** is a host, a device (a GPU or a MIG instance) and a number, which is 0 unless people share the device.
A **lease** gives one slot to one server for a window. Of a kind of slots, no more are ever promised at any moment
than there are: what the calendar reserves is kept free, so a lease outside it ends before it is needed there.
A **ticket** is a place in the queue; who used fewest GPU hours in the last seven days comes first.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import mean, median

from bitgoeul.gpus.model import (
    FORGOTTEN,
    PRESENT,
    SETTLING,
    SHORTEST,
    STALE,
    TYPICAL,
    WARNING,
    WEEK,
    Book,
    Laws,
    Lease,
    Reason,
    Reservation,
    Running,
    Slot,
    Source,
    Ticket,
    Wish,
)


@dataclass(frozen=True)
class Decision:
    """A slot and its window, or a place in the queue (1 is next) and how long it may take."""

    slot: Slot | None = None
    until: datetime | None = None
    source: Source = "adhoc"
    reservation: int | None = None
    place: int = 0
    expected: timedelta = timedelta(0)
    exhausted: bool = False


# --- hours and turns ---------------------------------------------------------------------------------------


def hours_used(leases: Iterable[Lease], now: datetime) -> dict[str, float]:
    """GPU hours of each person in the last seven days; a class's reserved devices count for nobody."""
    used: dict[str, float] = {}
    for lease in leases:
        if lease.source != "calendar":
            seconds = ((lease.ended_at or now) - max(lease.granted_at, now - WEEK)).total_seconds()
            used[lease.owner] = used.get(lease.owner, 0.0) + max(0.0, seconds) / 3600
    return used


def in_order(tickets: Iterable[Ticket], used: Mapping[str, float]) -> list[Ticket]:
    """Whose turn it is: fewest hours used first, then who asked first."""
    return sorted(tickets, key=lambda t: (used.get(t.user, 0.0), t.asked_at, t.user, t.server))


def _waits(ticket: Ticket, laws: Laws, now: datetime) -> bool:
    if ticket.offered_at is not None:
        return now < ticket.offered_at + laws.offer
    return now - ticket.seen_at <= PRESENT


def turns(book: Book, now: datetime) -> tuple[list[Ticket], list[Ticket]]:
    """Go through the queue: the tickets as they are now, and those that are dropped.

    A free slot is offered to whom it is due, and waits for him a while. Who does not come loses his turn; who is
    away while nothing is free is passed over and keeps his place.
    """
    kept, dropped = [], []
    used = hours_used(book.leases, now)
    room = {slot.kind: room_at(book, slot.kind, now) for slot in book.slots}
    for ticket in in_order(book.tickets, used):
        lapsed = ticket.offered_at is not None and now >= ticket.offered_at + book.laws.offer
        if lapsed or now - ticket.seen_at > FORGOTTEN:
            dropped.append(ticket)
            continue
        here = _waits(ticket, book.laws, now)
        due = here and room.get(ticket.kind, 0) > 0
        room[ticket.kind] = room.get(ticket.kind, 0) - here
        kept.append(replace(ticket, offered_at=(ticket.offered_at or now) if due else None))
    return kept, dropped


# --- what may be promised ----------------------------------------------------------------------------------


def reserved_at(book: Book, kind: str, at: datetime) -> int:
    """Slots that the calendar keeps at a moment, taken or not."""
    return sum(r.count for r in book.reservations if r.kind == kind and r.at(at))


def promised_at(book: Book, kind: str, at: datetime, now: datetime) -> int:
    """Slots of a kind that are promised at a moment. Who overstays still occupies his slot at this one."""
    lent = sum(
        lease.until > at or at <= now
        for lease in book.active(kind)
        if lease.reservation is None or not _reserves(book, lease.reservation, at)
    )
    return lent + reserved_at(book, kind, at)


def _reserves(book: Book, reservation: int, at: datetime) -> bool:
    return any(r.id == reservation and r.at(at) for r in book.reservations)


def room_at(book: Book, kind: str, now: datetime) -> int:
    """Slots that may be given now to somebody outside the calendar, for a window worth having."""
    moments = [now, *(r.starts for r in book.reservations if now < r.starts < now + SHORTEST)]
    return len(book.of(kind)) - max(promised_at(book, kind, moment, now) for moment in moments)


def window(book: Book, kind: str, now: datetime, latest: datetime) -> datetime | None:
    """Until when one more slot of a kind can be given from now; None when it cannot, or not for long enough."""
    end = latest
    for moment in sorted({now, *(r.starts for r in book.reservations if now < r.starts < latest)}):
        if promised_at(book, kind, moment, now) >= len(book.of(kind)):
            end = moment
            break
    return end if end - now >= SHORTEST else None


def decide(book: Book, wish: Wish, now: datetime) -> Decision:
    """Give a slot or a place in the queue. `book.tickets` has passed `turns` and may hold this wish's own ticket."""
    closes = min(wish.closes or now + WEEK, now + book.laws.longest)
    free = sorted(book.free(wish.kind), key=lambda slot: slot.host != wish.host)
    for r in _theirs(book, wish, now):
        if free and min(r.ends, closes) > now:
            return Decision(free[0], min(r.ends, closes), "calendar", r.id)
    left = wish.hours - hours_used(book.leases, now).get(wish.user, 0.0) if wish.hours else WEEK.total_seconds()
    if left * 3600 < SHORTEST.total_seconds():
        return Decision(exhausted=True)
    until = window(book, wish.kind, now, min(closes, now + min(WEEK, timedelta(hours=left))))
    place, waited = _place(book, wish, now)
    if free and until and place <= room_at(book, wish.kind, now):
        return Decision(free[0], until, "queue" if waited else "adhoc")
    return Decision(place=place, expected=expected_wait(book, wish.kind, place, now))


def place_of(book: Book, ticket: Ticket, now: datetime) -> int:
    """The place of a ticket among those who wait now; 1 is next."""
    return _place(book, Wish(ticket.user, ticket.server, ticket.cohort, ticket.kind), now)[0]


def _theirs(book: Book, wish: Wish, now: datetime) -> list[Reservation]:
    """The reservations of now that have a slot left for a member of this cohort."""
    taken = Counter(lease.reservation for lease in book.active(wish.kind))
    right = [r for r in book.reservations if (r.cohort, r.kind) == (wish.cohort, wish.kind) and r.at(now)]
    return [r for r in right if taken[r.id] < r.count]


def _place(book: Book, wish: Wish, now: datetime) -> tuple[int, bool]:
    """The place among those who wait now, himself included; and whether he has waited before."""
    mine = next((t for t in book.tickets if (t.user, t.server, t.kind) == (wish.user, wish.server, wish.kind)), None)
    me = mine or Ticket(wish.user, wish.server, wish.cohort, wish.kind, now, now)
    others = [t for t in book.tickets if t != mine and t.kind == wish.kind and _waits(t, book.laws, now)]
    line = in_order([*others, me], hours_used(book.leases, now))
    return line.index(me) + 1, mine is not None


# --- how long it may take ----------------------------------------------------------------------------------


def expected_end(lease: Lease, past: Sequence[timedelta], now: datetime) -> datetime:
    """When a lease may end: as those before it that lasted at least as long, never after its window."""
    age = now - lease.granted_at
    longer = [(d - age).total_seconds() for d in past if d > age]
    rest = timedelta(seconds=mean(longer)) if longer else max(TYPICAL - age, TYPICAL / 4)
    return max(now, min(lease.until, now + rest))


def expected_wait(book: Book, kind: str, place: int, now: datetime) -> timedelta:
    """How long whoever has this place may wait; `timedelta.max` when there is no slot of the kind at all."""
    past = [lease.ended_at - lease.granted_at for lease in book.leases if lease.kind == kind and lease.ended_at]
    typical = timedelta(seconds=median(d.total_seconds() for d in past)) if past else TYPICAL
    ends = sorted(expected_end(lease, past, now) for lease in book.active(kind))
    times = [*([now] * (len(book.of(kind)) - len(ends))), *ends]
    taken = Counter(lease.reservation for lease in book.active(kind))
    for r in book.reservations:
        if r.kind == kind and r.at(now):
            for _ in range(min(max(0, r.count - taken[r.id]), len(times))):
                heapq.heapreplace(times, max(times[0], r.ends))
    if not times:
        return timedelta.max
    at = now
    for _ in range(place):
        at = times[0]
        heapq.heapreplace(times, at + max(typical, SHORTEST))
    return at - now


# --- ends --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outlook:
    """When a lease will end unless something happens, and why. `warn`: less than ten minutes are left."""

    reason: Reason
    at: datetime
    warn: bool
    due: bool


def outlook(lease: Lease, laws: Laws, now: datetime) -> Outlook:
    """Look ahead: the end of the window, or of the patience with an idle device where somebody measures it."""
    ends: list[tuple[datetime, Reason]] = [(lease.until, "window")]
    if lease.observed_at is not None and now - lease.observed_at <= STALE:
        ends.append((max(lease.granted_at, lease.busy_at or lease.granted_at) + laws.idle, "idle"))
    at, reason = min(ends)
    return Outlook(reason, at, warn=at - now <= WARNING, due=now >= at)


# --- the calendar ------------------------------------------------------------------------------------------


def most_reserved(book: Book, kind: str, starts: datetime, ends: datetime) -> int:
    """The most slots of a kind that the calendar keeps at any moment of a span."""
    moments = [starts, *(r.starts for r in book.reservations if starts < r.starts < ends)]
    return max(reserved_at(book, kind, moment) for moment in moments)


def cuts(book: Book, kind: str, now: datetime) -> dict[str, datetime]:
    """Which leases outside the calendar end earlier, and when, so that every reservation has its slots.

    The youngest give way. Nobody is cut before his warning had its ten minutes.
    """
    found: dict[str, datetime] = {}
    for moment in sorted({max(now, r.starts) for r in book.reservations if r.kind == kind and r.ends > now}):
        current = replace(book, leases=tuple(replace(x, until=found.get(x.id, x.until)) for x in book.leases))
        over = promised_at(current, kind, moment, now - timedelta(microseconds=1)) - len(book.of(kind))
        outside = [
            x
            for x in current.active(kind)
            if x.until > moment and not (x.reservation is not None and _reserves(book, x.reservation, moment))
        ]
        for lease in sorted(outside, key=lambda x: (x.granted_at, x.id), reverse=True)[: max(0, over)]:
            found[lease.id] = min(lease.until, max(moment, now + WARNING))
    return found


# --- the truth is what runs --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """What makes the rows agree with what runs: leases that are lost, labels to take back, containers to stop."""

    lost: tuple[str, ...] = ()
    adopt: tuple[Running, ...] = ()
    stop: tuple[Running, ...] = ()


def agree(leases: Iterable[Lease], running: Iterable[Running], now: datetime, starting: Collection[str] = ()) -> Plan:
    """Compare. A container's label wins over a row, a row's container over a stranger's, the older over the newer.

    `starting` are leases whose server is being started by the one who asks: no container is there yet.
    """
    active = {lease.id: lease for lease in leases if lease.active}
    containers = sorted(set(running), key=lambda r: (r.lease not in active, r.lease, r.container))
    spared = {r.lease for r in containers} | set(starting)
    lost = tuple(i for i, lease in active.items() if i not in spared and now - lease.granted_at >= SETTLING)
    holders = {lease.key: i for i, lease in active.items() if i not in lost}
    adopt, stop, seen = [], [], set()
    for container in containers:
        holder = holders.get(container.key)
        if holder is None and container.lease not in seen:
            holders[container.key] = container.lease
            adopt.append(container)
        elif holder != container.lease or container.lease in seen:
            stop.append(container)
        seen.add(container.lease)
    return Plan(lost, tuple(adopt), tuple(stop))
