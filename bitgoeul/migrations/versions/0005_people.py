"""The imported roster: people, their accounts at a provider, and who is in which cohort from when to when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back but a back-up."""
    op.create_table(
        "members",
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=300), nullable=True),
        sa.Column("name_ko", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("user_name", name=op.f("pk_members")),
        sa.UniqueConstraint("account", name=op.f("uq_members_account")),
    )
    op.create_table(
        "enrolments",
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("cohort", sa.String(length=30), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("starts", sa.String(length=10), nullable=True),
        sa.Column("ends", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("user_name", "cohort", "source", name=op.f("pk_enrolments")),
    )
    op.create_index(op.f("ix_enrolments_cohort"), "enrolments", ["cohort"])
    versions = op.create_table(
        "roster_versions",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_versions")),
    )
    op.bulk_insert(versions, [{"id": 1, "version": 1}])
