"""The tables of leases. What is over stays: the week's picture, people's hours and the waiting times come from it.

No device is lent twice is also the database's own word: of what is not over, a unique key allows one lease a slot.
"""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, String, Table, UniqueConstraint, text

from bitgoeul.database import METADATA, Moment

_ACTIVE = text("state <> 'over'")

leases = Table(
    "gpu_leases",
    METADATA,
    Column("id", String(32), primary_key=True),  # drawn, not counted: a restored database never gives one again
    Column("owner", String(64), nullable=False),
    Column("cohort", String(30), nullable=False),
    Column("server", String(64), nullable=False),
    Column("host", String(64), nullable=False),
    Column("device", String(100), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("source", String(8), nullable=False),  # calendar | queue | adhoc
    Column("reservation", Integer),
    Column("granted_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("state", String(8), nullable=False),  # held | ending | over
    Column("ended_at", Moment),
    Column("reason", String(16), nullable=False, server_default=""),
    Column("observed_at", Moment),
    Column("busy_at", Moment),
    Index("uq_gpu_leases_active_slot", "host", "device", "number", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    Index("uq_gpu_leases_active_server", "owner", "server", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    Index(None, "ended_at"),
)  # fmt: skip

reservations = Table(
    "gpu_reservations",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("cohort", String(30), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("count", Integer, nullable=False),
    Column("starts", Moment, nullable=False),
    Column("ends", Moment, nullable=False, index=True),
    Column("title", String(200), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("cancelled_at", Moment),
)

tickets = Table(
    "gpu_tickets",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("user_name", String(64), nullable=False),
    Column("server", String(64), nullable=False),
    Column("cohort", String(30), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("offered_at", Moment),
    UniqueConstraint("user_name", "server"),
)

use = Table(
    "gpu_use",
    METADATA,
    Column("host", String(64), primary_key=True),
    Column("device", String(100), primary_key=True),
    Column("at", Moment, primary_key=True),  # the start of a quarter of an hour
    Column("seen", Double, nullable=False),  # seconds that somebody measured
    Column("busy", Double, nullable=False),  # of these, seconds in which the device computed
)
