"""Who has fetched which version of an assignment, and when first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back but a back-up."""
    op.create_table(
        "fetches",
        sa.Column("course", sa.String(length=30), nullable=False),
        sa.Column("assignment", sa.String(length=80), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fetched_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("course", "assignment", "user_name", "version", name=op.f("pk_fetches")),
    )
