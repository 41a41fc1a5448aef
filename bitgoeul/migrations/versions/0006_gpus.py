"""GPUs are leased: leases, reservations, the queue, and how busy devices were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back but a back-up."""
    _leases()
    _reservations()
    _tickets()
    _use()


def _leases() -> None:
    op.create_table(
        "gpu_leases",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("cohort", sa.String(30), nullable=False),
        sa.Column("server", sa.String(64), nullable=False),
        sa.Column("host", sa.String(64), nullable=False),
        sa.Column("device", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("reservation", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.String(27), nullable=False),
        sa.Column("until", sa.String(27), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("ended_at", sa.String(27), nullable=True),
        sa.Column("reason", sa.String(16), server_default="", nullable=False),
        sa.Column("observed_at", sa.String(27), nullable=True),
        sa.Column("busy_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gpu_leases")),
    )
    op.create_index(op.f("ix_gpu_leases_ended_at"), "gpu_leases", ["ended_at"])
    active = sa.text("state <> 'over'")
    for name, columns in (("slot", ["host", "device", "number"]), ("server", ["owner", "server"])):
        index = f"uq_gpu_leases_active_{name}"
        op.create_index(index, "gpu_leases", columns, unique=True, sqlite_where=active, postgresql_where=active)


def _reservations() -> None:
    op.create_table(
        "gpu_reservations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cohort", sa.String(30), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("starts", sa.String(27), nullable=False),
        sa.Column("ends", sa.String(27), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.Column("cancelled_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gpu_reservations")),
    )
    op.create_index(op.f("ix_gpu_reservations_ends"), "gpu_reservations", ["ends"])


def _tickets() -> None:
    op.create_table(
        "gpu_tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(64), nullable=False),
        sa.Column("server", sa.String(64), nullable=False),
        sa.Column("cohort", sa.String(30), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("asked_at", sa.String(27), nullable=False),
        sa.Column("seen_at", sa.String(27), nullable=False),
        sa.Column("offered_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gpu_tickets")),
        sa.UniqueConstraint("user_name", "server", name=op.f("uq_gpu_tickets_user_name_server")),
    )


def _use() -> None:
    op.create_table(
        "gpu_use",
        sa.Column("host", sa.String(64), nullable=False),
        sa.Column("device", sa.String(100), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("seen", sa.Double(), nullable=False),
        sa.Column("busy", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("host", "device", "at", name=op.f("pk_gpu_use")),
    )
