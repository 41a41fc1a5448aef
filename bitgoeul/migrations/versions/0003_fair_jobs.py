"""Jobs know their student, their turn and what they are judged on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back but a back-up."""
    op.add_column("assignment_states", sa.Column("compute", sa.String(8), server_default="cpu", nullable=False))
    op.add_column("jobs", sa.Column("student", sa.String(64), server_default="", nullable=False))
    op.add_column("jobs", sa.Column("compute", sa.String(8), server_default="cpu", nullable=False))
    op.add_column("jobs", sa.Column("turn", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "update jobs set student = (select user_name from submissions where submissions.sequence = jobs.submission)"
    )
    op.drop_index(op.f("ix_jobs_state_priority_id"), "jobs")
    op.create_index(
        op.f("ix_jobs_state_compute_priority_turn_id"), "jobs", ["state", "compute", "priority", "turn", "id"]
    )
    op.create_index(op.f("ix_jobs_student_state"), "jobs", ["student", "state"])
