"""The exchange: releases, submissions, jobs, verdicts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back but a back-up."""
    _assignment_states()
    _audit()
    _chain_head()
    _collections()
    _extensions()
    _releases()
    _submissions()
    _upload_intents()
    _feedback()
    _jobs()
    _verdicts()
    _submission_states()


def _assignment_states() -> None:
    op.create_table(
        "assignment_states",
        sa.Column("course", sa.String(length=30), nullable=False),
        sa.Column("assignment", sa.String(length=80), nullable=False),
        sa.Column("current_version", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("due", sa.String(27), nullable=True),
        sa.Column("due_by_staff", sa.Boolean(), nullable=False),
        sa.Column("results", sa.String(length=16), nullable=False),
        sa.Column("results_released_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("course", "assignment", name=op.f("pk_assignment_states")),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("course", sa.String(length=30), nullable=False),
        sa.Column("assignment", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_course_assignment"), "audit", ["course", "assignment"])


def _chain_head() -> None:
    op.create_table(
        "chain_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("stored_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_head")),
    )


def _collections() -> None:
    op.create_table(
        "collections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=30), nullable=False),
        sa.Column("assignment", sa.String(length=80), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("collected_at", sa.String(27), nullable=False),
        sa.Column("collected_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
    )
    op.create_index(op.f("ix_collections_course_assignment"), "collections", ["course", "assignment"])


def _extensions() -> None:
    op.create_table(
        "extensions",
        sa.Column("course", sa.String(length=30), nullable=False),
        sa.Column("assignment", sa.String(length=80), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("due", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("course", "assignment", "user_name", name=op.f("pk_extensions")),
    )


def _releases() -> None:
    op.create_table(
        "releases",
        sa.Column("course", sa.String(length=30), nullable=False),
        sa.Column("assignment", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("title_ko", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("notebooks", sa.Text(), nullable=False),
        sa.Column("max_score", sa.Double(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("released_at", sa.String(27), nullable=False),
        sa.Column("released_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("course", "assignment", "version", name=op.f("pk_releases")),
        sa.UniqueConstraint("course", "assignment", "digest", name=op.f("uq_releases_course_assignment_digest")),
    )


def _submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("idempotency_key", sa.String(length=36), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("course", sa.String(length=30), nullable=False),
        sa.Column("assignment", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.String(27), nullable=False),
        sa.Column("stored_at", sa.String(27), nullable=False),
        sa.Column("late_seconds", sa.Double(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=88), nullable=False),
        sa.Column("release_version", sa.Integer(), nullable=False),
        sa.Column("notebooks", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_submissions")),
        sa.UniqueConstraint("id", name=op.f("uq_submissions_id")),
        sa.UniqueConstraint("user_name", "idempotency_key", name=op.f("uq_submissions_user_name_idempotency_key")),
    )
    op.create_index(
        op.f("ix_submissions_course_assignment_user_name_sequence"),
        "submissions",
        ["course", "assignment", "user_name", "sequence"],
    )


def _upload_intents() -> None:
    op.create_table(
        "upload_intents",
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=36), nullable=False),
        sa.Column("course", sa.String(length=30), nullable=False),
        sa.Column("assignment", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("user_name", "idempotency_key", name=op.f("pk_upload_intents")),
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.String(27), nullable=False),
        sa.Column("released_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission"], ["submissions.sequence"], name=op.f("fk_feedback_submission_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_submission"), "feedback", ["submission"])


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("batch", sa.String(length=36), nullable=False),
        sa.Column("lane", sa.String(length=180), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("release_version", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.String(27), nullable=True),
        sa.Column("not_before", sa.String(27), nullable=True),
        sa.Column("queued_at", sa.String(27), nullable=False),
        sa.Column("ended_at", sa.String(27), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["submission"], ["submissions.sequence"], name=op.f("fk_jobs_submission_submissions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_batch"), "jobs", ["batch"])
    op.create_index(op.f("ix_jobs_lane_state"), "jobs", ["lane", "state"])
    op.create_index(op.f("ix_jobs_state_priority_id"), "jobs", ["state", "priority", "id"])
    op.create_index(op.f("ix_jobs_submission"), "jobs", ["submission"])


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("release_version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name=op.f("fk_verdicts_job_jobs")),
        sa.ForeignKeyConstraint(
            ["submission"], ["submissions.sequence"], name=op.f("fk_verdicts_submission_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        sa.UniqueConstraint("job", name=op.f("uq_verdicts_job")),
    )
    op.create_index(op.f("ix_verdicts_submission"), "verdicts", ["submission"])


def _submission_states() -> None:
    op.create_table(
        "submission_states",
        sa.Column("submission", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.Integer(), nullable=True),
        sa.Column("feedback", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["feedback"], ["feedback.id"], name=op.f("fk_submission_states_feedback_feedback")),
        sa.ForeignKeyConstraint(
            ["submission"], ["submissions.sequence"], name=op.f("fk_submission_states_submission_submissions")
        ),
        sa.ForeignKeyConstraint(["verdict"], ["verdicts.id"], name=op.f("fk_submission_states_verdict_verdicts")),
        sa.PrimaryKeyConstraint("submission", name=op.f("pk_submission_states")),
    )
