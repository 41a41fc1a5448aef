"""An assignment may ask for a stricter isolation than the academy does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; there is no way back but a back-up."""
    op.add_column("assignment_states", sa.Column("minimum_level", sa.String(24), server_default="", nullable=False))
