"""The exchange's tables. Nothing here is ever deleted but expired upload intents.

Receipts, verdicts, feedback, releases and the audit only grow; `submission_states` is the one table that
says what is current, written in the same transaction as the row it points to.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bitgoeul.database import METADATA, Json
from bitgoeul.database import Moment as Moment

releases = Table(
    "releases",
    METADATA,
    Column("course", String(30), primary_key=True),
    Column("assignment", String(80), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("title_ko", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("notebooks", Json, nullable=False),
    Column("max_score", Double, nullable=False),
    Column("parts", Json, nullable=False),  # {"release/ko": {"sha256": ..., "size": ...}, "source/ko": ...}
    Column("released_at", Moment, nullable=False),
    Column("released_by", String(64), nullable=False),
    UniqueConstraint("course", "assignment", "digest"),
)

assignment_states = Table(
    "assignment_states",
    METADATA,
    Column("course", String(30), primary_key=True),
    Column("assignment", String(80), primary_key=True),
    Column("current_version", Integer, nullable=False),
    Column("withdrawn", Boolean, nullable=False, default=False),
    Column("due", Moment),
    Column("due_by_staff", Boolean, nullable=False, default=False),  # then a new release leaves it alone
    Column("results", String(16), nullable=False),
    Column("results_released_at", Moment),
    Column("compute", String(8), nullable=False, server_default="cpu"),  # cpu | gpu: what the next jobs are judged on
    Column("minimum_level", String(24), nullable=False, server_default=""),  # empty: the academy's
)

extensions = Table(
    "extensions",
    METADATA,
    Column("course", String(30), primary_key=True),
    Column("assignment", String(80), primary_key=True),
    Column("user_name", String(64), primary_key=True),
    Column("due", Moment),  # null: taken back
)

chain_head = Table(
    "chain_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1; its row lock serialises receipts
    Column("sequence", Integer, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("stored_at", Moment),
)

submissions = Table(
    "submissions",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False, unique=True),
    Column("idempotency_key", String(36), nullable=False),
    Column("user_name", String(64), nullable=False),
    Column("course", String(30), nullable=False),
    Column("assignment", String(80), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("stored_at", Moment, nullable=False),
    Column("late_seconds", Double, nullable=False),  # as it was signed; rows shown to people count anew
    Column("chain", String(64), nullable=False),
    Column("signature", String(88), nullable=False),
    Column("release_version", Integer, nullable=False),
    Column("notebooks", Json, nullable=False),
    UniqueConstraint("user_name", "idempotency_key"),
    Index(None, "course", "assignment", "user_name", "sequence"),
)

upload_intents = Table(
    "upload_intents",
    METADATA,
    Column("user_name", String(64), primary_key=True),
    Column("idempotency_key", String(36), primary_key=True),
    Column("course", String(30), nullable=False),
    Column("assignment", String(80), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("begun_at", Moment, nullable=False),
)

jobs = Table(
    "jobs",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),  # grade | feedback
    Column("batch", String(36), nullable=False),
    Column("lane", String(180), nullable=False),  # course/assignment/user: one job of a lane runs at a time
    Column("student", String(64), nullable=False, server_default=""),  # whose work it is: students share fairly
    Column("submission", Integer, ForeignKey("submissions.sequence"), nullable=False),
    Column("release_version", Integer, nullable=False),
    Column("compute", String(8), nullable=False, server_default="cpu"),  # cpu | gpu
    Column("priority", Integer, nullable=False),  # 0: a student waits for it; 1: batch
    Column(
        "turn", Integer, nullable=False, server_default="0"
    ),  # of one priority the lowest goes first; see rules.turn
    Column("asked_by", String(64), nullable=False),
    Column("state", String(8), nullable=False),  # queued | running | done | failed
    Column("attempt", Integer, nullable=False, default=0),  # the fencing token of the current lease
    Column("failures", Integer, nullable=False, default=0),
    Column("leased_until", Moment),
    Column("not_before", Moment),
    Column("queued_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("problem", Json),
    Index(None, "state", "compute", "priority", "turn", "id"),
    Index(None, "student", "state"),
    Index(None, "lane", "state"),
    Index(None, "submission"),
    Index(None, "batch"),
)

verdicts = Table(
    "verdicts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("submission", Integer, ForeignKey("submissions.sequence"), nullable=False, index=True),
    Column("job", Integer, ForeignKey("jobs.id"), nullable=False, unique=True),
    Column("attempt", Integer, nullable=False),
    Column("release_version", Integer, nullable=False),
    Column("verdict", Text, nullable=False),  # wire.write(Verdict)
    Column("made_at", Moment, nullable=False),
)

feedback = Table(
    "feedback",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("submission", Integer, ForeignKey("submissions.sequence"), nullable=False, index=True),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("released_at", Moment, nullable=False),
    Column("released_by", String(64), nullable=False),
)

submission_states = Table(
    "submission_states",
    METADATA,
    Column("submission", Integer, ForeignKey("submissions.sequence"), primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("verdict", Integer, ForeignKey("verdicts.id")),
    Column("feedback", Integer, ForeignKey("feedback.id")),
)

collections = Table(
    "collections",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("course", String(30), nullable=False),
    Column("assignment", String(80), nullable=False),
    Column("up_to", Integer, nullable=False),
    Column("collected_at", Moment, nullable=False),
    Column("collected_by", String(64), nullable=False),
    Index(None, "course", "assignment"),
)

fetches = Table(
    "fetches",
    METADATA,
    Column("course", String(30), primary_key=True),
    Column("assignment", String(80), primary_key=True),
    Column("user_name", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("fetched_at", Moment, nullable=False),  # the first time
)

audit = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("course", String(30), nullable=False),
    Column("assignment", String(80), nullable=False),
    Column("detail", Json, nullable=False),
    Index(None, "course", "assignment"),
)
