"""Hackathons: organisers and judges, projects, who judges whom, marks, announcements, certificates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back but a back-up."""
    _officials()
    _projects()
    _panels()
    _conflicts()
    _seats()
    _marks()
    _announcements()
    _certificates()


def _of_challenge(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_challenge_hackathon_challenges")
    return sa.ForeignKeyConstraint(["challenge"], ["hackathon_challenges.slug"], name=name)


def _of_team(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["team"], ["hackathon_teams.id"], name=op.f(f"fk_{table}_team_hackathon_teams"))


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _index(table: str) -> None:
    op.create_index(op.f(f"ix_{table}_challenge"), table, ["challenge"])


def _officials() -> None:
    table = "hackathon_officials"
    op.create_table(
        table,
        _text("challenge", 30),
        _text("user_name", 64),
        _text("role", 10),
        sa.Column("active", sa.Boolean(), nullable=False),
        _text("at", 27),
        _text("by", 64),
        _of_challenge(table),
        _key(table, "challenge", "user_name", "role"),
    )


def _projects() -> None:
    table = "hackathon_projects"
    op.create_table(
        table,
        sa.Column("team", sa.Integer(), autoincrement=False, nullable=False),
        _text("challenge", 30),
        _text("title", 100),
        sa.Column("summary", sa.Text(), nullable=False),
        _text("link", 300),
        _text("file_name", 100),
        _text("sha256", 64),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        _text("at", 27),
        _text("by", 64),
        _of_team(table),
        _of_challenge(table),
        _key(table, "team"),
    )
    _index(table)


def _panels() -> None:
    table = "hackathon_panels"
    op.create_table(
        table,
        _text("challenge", 30),
        _text("seed", 20),
        sa.Column("closed_at", sa.String(27), nullable=True),
        _of_challenge(table),
        _key(table, "challenge"),
    )


def _conflicts() -> None:
    table = "hackathon_conflicts"
    op.create_table(
        table,
        _text("judge", 64),
        sa.Column("team", sa.Integer(), autoincrement=False, nullable=False),
        _text("challenge", 30),
        _text("reason", 200),
        sa.Column("active", sa.Boolean(), nullable=False),
        _text("at", 27),
        _text("by", 64),
        _of_team(table),
        _of_challenge(table),
        _key(table, "judge", "team"),
    )
    _index(table)


def _seats() -> None:
    table = "hackathon_seats"
    op.create_table(
        table,
        _text("judge", 64),
        sa.Column("team", sa.Integer(), autoincrement=False, nullable=False),
        _text("challenge", 30),
        sa.Column("active", sa.Boolean(), nullable=False),
        _text("at", 27),
        _of_team(table),
        _of_challenge(table),
        _key(table, "judge", "team"),
    )
    _index(table)


def _marks() -> None:
    table = "hackathon_marks"
    op.create_table(
        table,
        _text("judge", 64),
        sa.Column("team", sa.Integer(), autoincrement=False, nullable=False),
        _text("criterion", 30),
        sa.Column("mark", sa.Double(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        _text("at", 27),
        _of_team(table),
        _key(table, "judge", "team", "criterion"),
    )


def _announcements() -> None:
    table = "hackathon_announcements"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        _text("challenge", 30),
        sa.Column("ko", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        _text("at", 27),
        _text("by", 64),
        _of_challenge(table),
        _key(table, "id"),
    )
    _index(table)


def _certificates() -> None:
    table = "hackathon_certificates"
    op.create_table(
        table,
        _text("id", 32),
        _text("challenge", 30),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("user_name", 64),
        _text("ko", 100),
        _text("en", 100),
        _text("at", 27),
        _of_challenge(table),
        _key(table, "id"),
        sa.UniqueConstraint("challenge", "number", "user_name", name=op.f(f"uq_{table}_challenge_number_user_name")),
    )
