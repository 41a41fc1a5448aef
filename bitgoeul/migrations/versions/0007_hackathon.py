"""Hackathons: challenges, teams, submissions, quotas, attempts, scores, flags, snapshots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back but a back-up."""
    _challenges()
    _teams()
    _members()
    _submissions()
    _counters()
    _attempts()
    _scores()
    _flags()
    _snapshots()
    _audit()


def _challenges() -> None:
    op.create_table(
        "hackathon_challenges",
        sa.Column("slug", sa.String(30), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(20), nullable=False),
        sa.Column("answers", sa.String(64), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.Column("private_digits", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("preview", sa.Integer(), server_default="0", nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.String(27), nullable=False),
        sa.Column("opened_by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_hackathon_challenges")),
    )


def _teams() -> None:
    op.create_table(
        "hackathon_teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("challenge", sa.String(30), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("captain", sa.String(64), nullable=False),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["challenge"], ["hackathon_challenges.slug"], name=op.f("fk_hackathon_teams_challenge_hackathon_challenges")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hackathon_teams")),
        sa.UniqueConstraint("challenge", "name", name=op.f("uq_hackathon_teams_challenge_name")),
        sa.UniqueConstraint("code", name=op.f("uq_hackathon_teams_code")),
    )


def _members() -> None:
    op.create_table(
        "hackathon_members",
        sa.Column("challenge", sa.String(30), nullable=False),
        sa.Column("user_name", sa.String(64), nullable=False),
        sa.Column("team", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(
            ["team"], ["hackathon_teams.id"], name=op.f("fk_hackathon_members_team_hackathon_teams")
        ),
        sa.PrimaryKeyConstraint("challenge", "user_name", name=op.f("pk_hackathon_members")),
    )
    op.create_index(op.f("ix_hackathon_members_team"), "hackathon_members", ["team"])


def _submissions() -> None:
    op.create_table(
        "hackathon_submissions",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("challenge", sa.String(30), nullable=False),
        sa.Column("team", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(36), nullable=False),
        sa.Column("file_name", sa.String(100), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(30), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("received_at", sa.String(27), nullable=False),
        sa.Column("stored_at", sa.String(27), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("state_at", sa.String(27), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.String(27), nullable=True),
        sa.Column("faults", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["challenge"],
            ["hackathon_challenges.slug"],
            name=op.f("fk_hackathon_submissions_challenge_hackathon_challenges"),
        ),
        sa.ForeignKeyConstraint(
            ["team"], ["hackathon_teams.id"], name=op.f("fk_hackathon_submissions_team_hackathon_teams")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_hackathon_submissions")),
        sa.UniqueConstraint("id", name=op.f("uq_hackathon_submissions_id")),
        sa.UniqueConstraint(
            "user_name", "idempotency_key", name=op.f("uq_hackathon_submissions_user_name_idempotency_key")
        ),
    )
    op.create_index(op.f("ix_hackathon_submissions_challenge_state"), "hackathon_submissions", ["challenge", "state"])
    op.create_index(op.f("ix_hackathon_submissions_team_state"), "hackathon_submissions", ["team", "state"])


def _counters() -> None:
    op.create_table(
        "hackathon_counters",
        sa.Column("team", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(30), nullable=False),
        sa.Column("period", sa.String(16), nullable=False),
        sa.Column("charge", sa.String(8), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team"], ["hackathon_teams.id"], name=op.f("fk_hackathon_counters_team_hackathon_teams")
        ),
        sa.PrimaryKeyConstraint("team", "phase", "period", "charge", name=op.f("pk_hackathon_counters")),
    )


def _attempts() -> None:
    op.create_table(
        "hackathon_attempts",
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("worker", sa.String(80), nullable=False),
        sa.Column("began_at", sa.String(27), nullable=False),
        sa.Column("ended_at", sa.String(27), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["hackathon_submissions.sequence"],
            name=op.f("fk_hackathon_attempts_submission_hackathon_submissions"),
        ),
        sa.PrimaryKeyConstraint("submission", "number", name=op.f("pk_hackathon_attempts")),
    )


def _scores() -> None:
    op.create_table(
        "hackathon_scores",
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public", sa.Double(), nullable=False),
        sa.Column("public_error", sa.Double(), nullable=False),
        sa.Column("private", sa.Double(), nullable=False),
        sa.Column("private_error", sa.Double(), nullable=False),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["hackathon_submissions.sequence"],
            name=op.f("fk_hackathon_scores_submission_hackathon_submissions"),
        ),
        sa.PrimaryKeyConstraint("submission", "version", name=op.f("pk_hackathon_scores")),
    )


def _flags() -> None:
    op.create_table(
        "hackathon_flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("challenge", sa.String(30), nullable=False),
        sa.Column("team", sa.Integer(), nullable=True),
        sa.Column("submission", sa.Integer(), nullable=True),
        sa.Column("flag", sa.String(16), nullable=False),
        sa.Column("raised", sa.Boolean(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["team"], ["hackathon_teams.id"], name=op.f("fk_hackathon_flags_team_hackathon_teams")),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["hackathon_submissions.sequence"],
            name=op.f("fk_hackathon_flags_submission_hackathon_submissions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hackathon_flags")),
    )
    op.create_index(op.f("ix_hackathon_flags_challenge"), "hackathon_flags", ["challenge"])
    op.create_index(op.f("ix_hackathon_flags_submission"), "hackathon_flags", ["submission"])


def _snapshots() -> None:
    op.create_table(
        "hackathon_snapshots",
        sa.Column("challenge", sa.String(30), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge"],
            ["hackathon_challenges.slug"],
            name=op.f("fk_hackathon_snapshots_challenge_hackathon_challenges"),
        ),
        sa.PrimaryKeyConstraint("challenge", "number", name=op.f("pk_hackathon_snapshots")),
    )


def _audit() -> None:
    op.create_table(
        "hackathon_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("challenge", sa.String(30), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hackathon_audit")),
    )
    op.create_index(op.f("ix_hackathon_audit_challenge"), "hackathon_audit", ["challenge"])
