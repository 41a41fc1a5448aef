"""Leases as rows. What a spawner needs: `acquire`, `release`, `reconcile`; what a watcher needs: `observe`, `due`.

Every change is one transaction that no other change of leases runs beside, so a kill at any instant leaves either
the state before it or the one after. A lease occupies its device until `release`, which is called once the container
is gone, or until `reconcile` finds that no container bears it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, or_, select, text, update

from bitgoeul.database import Database
from bitgoeul.errors import Conflict, InputError, NotAllowed, NotFound, shorten
from bitgoeul.gpus import rows, rules
from bitgoeul.gpus import tables as t
from bitgoeul.gpus.model import (
    SHORTEST,
    WEEK,
    Book,
    Laws,
    Lease,
    Reason,
    Reservation,
    Running,
    Slot,
    Ticket,
    Wish,
)

_LOCK = 0x6270_7573


class HoursSpent(NotAllowed):
    """The person's GPU hours of seven days are used up."""

    code = "gpu-hours-spent"


@dataclass(frozen=True)
class Granted:
    """The start may go on, with this slot and no other. `new` is False when the server held it already."""

    lease: Lease
    isolated: bool
    new: bool = True


@dataclass(frozen=True)
class Waiting:
    """The start has to wait. `place` 1 is next; 0 while this server's former container is not gone yet."""

    kind: str
    place: int
    expected: timedelta


@dataclass(frozen=True)
class Due:
    """A lease whose server has to be stopped, and why."""

    lease: Lease
    reason: Reason


class Leases:
    """The book of one academy. `slots` is the inventory; what stands in it no more is not given, and stays held."""

    def __init__(
        self,
        database: Database,
        slots: Sequence[Slot],
        laws: Laws | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.database = database
        self.slots = tuple(slots)
        self.away: frozenset[str] = frozenset()
        """Hosts that do not answer now: nothing of theirs is given."""
        self.laws = laws or Laws()
        self._now = clock or database.now

    def now(self) -> datetime:
        """The one clock of leases: the database's."""
        return self._now()

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        with self.database.writing() as connection:
            if not self.database.sqlite:  # SQLite has one writer anyhow
                connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            yield connection

    def book(self, now: datetime | None = None) -> Book:
        """What is known now; it changes nothing."""
        with self.database.reading() as connection:
            return self._book(connection, now or self._now())

    def _book(self, connection: Connection, now: datetime) -> Book:
        lease, r = t.leases.c, t.reservations.c
        recent = or_(lease.state != "over", lease.ended_at > now - WEEK)
        coming = select(t.reservations).where(r.ends > now, r.cancelled_at.is_(None)).order_by(r.starts, r.id)
        return Book(
            tuple(slot for slot in self.slots if slot.host not in self.away),
            tuple(map(rows.lease_of, connection.execute(select(t.leases).where(recent)).mappings())),
            tuple(map(rows.reservation_of, connection.execute(coming).mappings())),
            tuple(map(rows.ticket_of, connection.execute(select(t.tickets).order_by(t.tickets.c.id)).mappings())),
            self.laws,
        )

    def _in_turn(self, connection: Connection, now: datetime) -> Book:
        """The book after the queue was gone through, which is written down."""
        book = self._book(connection, now)
        kept, dropped = rules.turns(book, now)
        before = {(ticket.user, ticket.server): ticket for ticket in book.tickets}
        for ticket in dropped:
            rows.drop(connection, ticket.user, ticket.server)
        for ticket in kept:
            if ticket != before[ticket.user, ticket.server]:
                rows.put_ticket(connection, ticket)
        return replace(book, tickets=tuple(kept))

    # --- for spawners ------------------------------------------------------------------------------------------

    def acquire(self, wish: Wish) -> Granted | Waiting:
        """Give the server a device or a place in the queue; asking again tells how it stands.

        Raises `HoursSpent`, and `NotFound` when the academy has no device of this kind.
        """
        now = self._now()
        with self._changing() as connection:
            book = self._in_turn(connection, now)
            if not book.of(wish.kind):
                raise no_such_kind(wish.kind, self.slots)
            held = next((x for x in book.leases if x.active and (x.owner, x.server) == (wish.user, wish.server)), None)
            if held is not None:
                return self._again(held, now)
            decision = rules.decide(book, wish, now)
            if decision.slot is None or decision.until is None:
                return self._wait(connection, book, wish, decision, now)
            lease = rows.new_lease(wish, decision, decision.slot, now)
            connection.execute(insert(t.leases).values(asdict(lease)))
            rows.drop(connection, wish.user, wish.server)
            return Granted(lease, decision.slot.isolated)

    def _again(self, held: Lease, now: datetime) -> Granted | Waiting:
        if held.state == "held" and held.until - now >= SHORTEST:
            slot = next((slot for slot in self.slots if slot.key == held.key), None)
            return Granted(held, slot is None or slot.isolated, new=False)
        return Waiting(held.kind, 0, timedelta(0))

    def _wait(self, connection: Connection, book: Book, wish: Wish, decision: rules.Decision, now: datetime) -> Waiting:
        if decision.exhausted:
            rows.drop(connection, wish.user, wish.server)
            raise hours_spent(wish.hours, rules.hours_used(book.leases, now).get(wish.user, 0.0))
        mine = [ticket for ticket in book.tickets if (ticket.user, ticket.server) == (wish.user, wish.server)]
        old = mine[0] if mine and mine[0].kind == wish.kind else None
        fresh = Ticket(wish.user, wish.server, wish.cohort, wish.kind, now, now)
        rows.put_ticket(connection, replace(old, seen_at=now, cohort=wish.cohort) if old else fresh)
        return Waiting(wish.kind, decision.place, decision.expected)

    def release(self, lease: str, reason: Reason = "stopped") -> bool:
        """Free the device: **only once the container is gone**. False when it was free already; the first reason stays."""
        now = self._now()
        with self._changing() as connection:
            return rows.end(connection, lease, reason, now)

    def ending(self, lease: str, reason: Reason) -> None:
        """Note why the server is about to be stopped; the device stays occupied."""
        held = (t.leases.c.id == lease) & (t.leases.c.state == "held")
        with self._changing() as connection:
            connection.execute(update(t.leases).where(held).values(state="ending", reason=reason))

    def reconcile(self, running: Iterable[Running], starting: Collection[str] = ()) -> rules.Plan:
        """Make the rows agree with the labels of what runs; give what was done and the containers to stop.

        Call it at the Hub's start with the containers of **every** host of the inventory: a host that does not
        answer has to be left out of the inventory, not to look empty. `starting`: leases whose start is under way.
        """
        now = self._now()
        with self._changing() as connection:
            book = self._book(connection, now)
            plan = rules.agree(book.leases, running, now, starting)
            for lease in plan.lost:
                rows.end(connection, lease, "lost", now)
            refused = tuple(r for r in plan.adopt if not self._adopt(connection, r, now))
            return replace(plan, adopt=tuple(r for r in plan.adopt if r not in refused), stop=(*plan.stop, *refused))

    def _adopt(self, connection: Connection, found: Running, now: datetime) -> bool:
        lease = t.leases.c
        other = select(lease.id).where(
            lease.owner == found.owner, lease.server == found.server, lease.state != "over", lease.id != found.lease
        )
        if connection.execute(other).first() is not None:
            return False
        place = {name: getattr(found, name) for name in ("host", "device", "number")}
        again = {**place, "state": "held", "ended_at": None, "reason": ""}
        if connection.execute(update(t.leases).where(lease.id == found.lease).values(again)).rowcount:
            return True
        wish = Wish(found.owner, found.server, found.cohort, found.kind)
        slot = Slot(found.host, found.device, found.number, found.kind)
        row = replace(rows.new_lease(wish, rules.Decision(slot, now + self.laws.longest), slot, now), id=found.lease)
        connection.execute(insert(t.leases).values(asdict(row)))
        return True

    # --- the queue ---------------------------------------------------------------------------------------------

    def look(self, user: str) -> list[tuple[Ticket, Waiting]]:
        """A person looks at his places in the queue, and so keeps them; an expected wait of nothing says: start now."""
        now = self._now()
        with self._changing() as connection:
            mine = t.tickets.c.user_name == user
            connection.execute(update(t.tickets).where(mine).values(seen_at=now))
            book = self._in_turn(connection, now)
            return [(ticket, _standing(book, ticket, now)) for ticket in book.tickets if ticket.user == user]

    def leave(self, user: str, server: str = "") -> None:
        """Give the place in the queue up."""
        with self._changing() as connection:
            rows.drop(connection, user, server)

    # --- watching ----------------------------------------------------------------------------------------------

    def observe(self, busy: Mapping[tuple[str, str], bool], *, seconds: float) -> None:
        """Note which devices (host, uuid) compute; it speaks for the `seconds` since the look before.

        A shared device counts as busy for everybody on it.
        """
        now = self._now()
        with self._changing() as connection:
            for place, computes in busy.items():
                rows.observe(connection, place, now, busy=computes, seconds=seconds)

    def use(self) -> dict[tuple[str, str, datetime], tuple[float, float]]:
        """How busy each device was in the last seven days: (host, uuid, quarter of an hour) -> (seconds seen, busy)."""
        u = t.use.c
        with self.database.reading() as connection:
            found = connection.execute(select(t.use).where(u.at > self._now() - WEEK))
            return {(row.host, row.device, row.at): (row.seen, row.busy) for row in found}

    def due(self) -> list[Due]:
        """Which servers have to be stopped now. They are marked `ending`, and named again until they are released."""
        now = self._now()
        with self._changing() as connection:
            found = []
            for lease in self._book(connection, now).leases:
                ahead = rules.outlook(lease, self.laws, now)
                if lease.state == "held" and ahead.due:
                    values = {"state": "ending", "reason": ahead.reason}
                    connection.execute(update(t.leases).where(t.leases.c.id == lease.id).values(values))
                    found.append(Due(replace(lease, state="ending", reason=ahead.reason), ahead.reason))
                elif lease.state == "ending":
                    found.append(Due(lease, lease.reason))  # type: ignore[arg-type]  # we wrote it
            return found

    # --- the calendar ------------------------------------------------------------------------------------------

    def reserve(self, wanted: Reservation) -> Reservation:
        """Reserve slots; leases that would be in the way end earlier. Raises `Conflict` when there are not so many."""
        now = self._now()
        _check(wanted, now)
        with self._changing() as connection:
            book = self._book(connection, now)
            left = len(book.of(wanted.kind)) - rules.most_reserved(book, wanted.kind, wanted.starts, wanted.ends)
            if not book.of(wanted.kind):
                raise no_such_kind(wanted.kind, self.slots)
            if wanted.count > left:
                raise Conflict(
                    ko=f"그 시간에 예약할 수 있는 GPU는 {left}개인데 {wanted.count}개를 요청했습니다. 수나 시간을 바꾸십시오.",
                    en=f"{wanted.count} GPU(s) were to be reserved, and {left} can be in that time. "
                    "Change the number or the time.",
                )
            values = {**asdict(wanted), "made_at": now}
            del values["id"]
            added = connection.execute(insert(t.reservations).values(values)).inserted_primary_key
            made = replace(wanted, id=added[0] if added else 0)
            _cut(connection, replace(book, reservations=(*book.reservations, made)), wanted.kind, now)
            return made

    def cancel(self, reservation: int) -> None:
        """Take a reservation back; who holds one of its devices keeps it to its end. Raises `NotFound`."""
        now, r = self._now(), t.reservations.c
        there = (r.id == reservation) & r.cancelled_at.is_(None) & (r.ends > now)
        with self._changing() as connection:
            if not connection.execute(update(t.reservations).where(there).values(cancelled_at=now)).rowcount:
                raise NotFound(
                    ko=f"{reservation}번 예약이 없거나 이미 끝났습니다. `bitgoeul gpus list`로 번호를 확인하십시오.",
                    en=f"There is no reservation {reservation}, or it is over. See `bitgoeul gpus list` for the numbers.",
                )


def _standing(book: Book, ticket: Ticket, now: datetime) -> Waiting:
    place = rules.place_of(book, ticket, now)
    if ticket.offered_at is not None:
        return Waiting(ticket.kind, place, timedelta(0))
    wait = rules.expected_wait(book, ticket.kind, place, now)
    return Waiting(ticket.kind, place, max(wait, timedelta(minutes=1)))


def _cut(connection: Connection, book: Book, kind: str, now: datetime) -> None:
    for lease, until in rules.cuts(book, kind, now).items():
        connection.execute(update(t.leases).where(t.leases.c.id == lease).values(until=until))


def _check(wanted: Reservation, now: datetime) -> None:
    if wanted.count < 1 or wanted.ends <= max(now, wanted.starts) or wanted.ends - wanted.starts > 5 * WEEK:
        raise InputError(
            ko="GPU 1개 이상을, 앞으로 끝나는 5주 이하의 시간에 예약할 수 있습니다. 수와 시작·끝 시각을 확인하십시오.",
            en="One GPU or more, for a time that ends in the future and is at most five weeks long. Check the number and the times.",
        )


def no_such_kind(kind: str, slots: Iterable[Slot]) -> NotFound:
    """The one sentence for a kind of GPU that the academy does not have."""
    have = ", ".join(sorted({slot.kind for slot in slots})) or "-"
    return NotFound(
        ko=f"이 학교에는 {shorten(kind)} GPU가 없습니다(있는 것: {have}). 운영자에게 알리십시오.",
        en=f"This academy has no GPU of the kind {shorten(kind)} (it has: {have}). Tell the operator.",
    )


def hours_spent(hours: float, used: float) -> HoursSpent:
    """The one sentence for spent hours."""
    return HoursSpent(
        ko=f"최근 7일 동안 GPU를 {used:.1f}시간 썼고 한도는 {hours:g}시간입니다. 7일이 지난 만큼씩 다시 쓸 수 있습니다.",
        en=f"You used {used:.1f} GPU hours in the last seven days, of {hours:g}. They come back as those days pass.",
    )
