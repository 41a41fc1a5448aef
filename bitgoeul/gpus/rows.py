"""Rows of leases, reservations and tickets: each function is part of a transaction that `store` opens."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from bitgoeul.gpus import tables as t
from bitgoeul.gpus.model import Lease, Reason, Reservation, Slot, Ticket, Wish
from bitgoeul.gpus.rules import Decision

_QUARTER_SECONDS = 900
"""How busy a device was is kept by quarters of an hour."""


def lease_of(row: RowMapping) -> Lease:
    """Read a lease."""
    return Lease(**row)


def reservation_of(row: RowMapping) -> Reservation:
    """Read a reservation."""
    return Reservation(**{name: row[name] for name in Reservation.__dataclass_fields__})


def ticket_of(row: RowMapping) -> Ticket:
    """Read a place in the queue."""
    values: dict[str, Any] = {name: row[name] for name in Ticket.__dataclass_fields__ if name != "user"}
    return Ticket(user=row["user_name"], **values)


def new_lease(wish: Wish, decision: Decision, slot: Slot, now: datetime) -> Lease:
    """Make a lease, under an id that was never given before."""
    return Lease(
        id=uuid.uuid4().hex,
        owner=wish.user,
        cohort=wish.cohort,
        server=wish.server,
        host=slot.host,
        device=slot.device,
        number=slot.number,
        kind=slot.kind,
        source=decision.source,
        granted_at=now,
        until=decision.until or now,
        reservation=decision.reservation,
    )


def end(connection: Connection, lease: str, reason: Reason, now: datetime) -> bool:
    """Free a lease's slot; False when it was free. The reason of a lease that was ending stays."""
    row = connection.execute(
        select(t.leases.c.reason).where(t.leases.c.id == lease, t.leases.c.state != "over")
    ).first()
    if row is None:
        return False
    values = {"state": "over", "ended_at": now, "reason": row.reason or reason}
    connection.execute(update(t.leases).where(t.leases.c.id == lease).values(values))
    return True


def drop(connection: Connection, user: str, server: str) -> None:
    """Take a place in the queue away."""
    connection.execute(delete(t.tickets).where(t.tickets.c.user_name == user, t.tickets.c.server == server))


def put_ticket(connection: Connection, ticket: Ticket) -> None:
    """Write a place in the queue, in place of the server's former one."""
    drop(connection, ticket.user, ticket.server)
    values = asdict(ticket)
    connection.execute(insert(t.tickets).values({"user_name": values.pop("user"), **values}))


def observe(connection: Connection, place: tuple[str, str], now: datetime, *, busy: bool, seconds: float) -> None:
    """Note for a device (host, uuid) that it computed, or did not, and for how many seconds that speaks."""
    lease, u = t.leases.c, t.use.c
    host, device = place
    mine = (lease.host == host) & (lease.device == device) & (lease.state != "over")
    values = {"observed_at": now} | ({"busy_at": now} if busy else {})
    connection.execute(update(t.leases).where(mine).values(values))
    at = datetime.fromtimestamp(now.timestamp() // _QUARTER_SECONDS * _QUARTER_SECONDS, UTC)
    here = (u.host == host) & (u.device == device) & (u.at == at)
    more = seconds if busy else 0.0
    if not connection.execute(update(t.use).where(here).values(seen=u.seen + seconds, busy=u.busy + more)).rowcount:
        connection.execute(insert(t.use).values(host=host, device=device, at=at, seen=seconds, busy=more))
