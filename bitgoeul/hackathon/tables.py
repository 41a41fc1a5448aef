"""The hackathon's tables. Nothing is deleted; flags, attempts, scores, snapshots and the audit only grow.

`hackathon_submissions.state` is written in one transaction with what it follows from: the counter of the quota, the
score, the number that tells watchers that something changed.
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

from bitgoeul.database import METADATA, Json, Moment

challenges = Table(
    "hackathon_challenges",
    METADATA,
    Column("slug", String(30), primary_key=True),
    Column("record", Json, nullable=False),  # challenge.toml as it stands now; changes are in the audit
    Column("seed", String(20), nullable=False),  # secret
    Column("answers", String(64), nullable=False),  # secret: the blob's name
    Column("files", Json, nullable=False),  # {"train.csv": {"sha256": ..., "size": ...}}
    Column("digits", Integer, nullable=False),
    Column("private_digits", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # of the scorer whose scores count
    Column("preview", Integer, nullable=False, server_default="0"),  # a version that is being looked at; 0: none
    Column("change", Integer, nullable=False),  # grows with all that a board could show
    Column("published", Integer, nullable=False),  # the newest snapshot; 0: none
    Column("opened_at", Moment, nullable=False),
    Column("opened_by", String(64), nullable=False),
)

teams = Table(
    "hackathon_teams",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("challenge", String(30), ForeignKey("hackathon_challenges.slug"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("code", String(8), nullable=False, unique=True),
    Column("captain", String(64), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("merged_into", Integer),
    UniqueConstraint("challenge", "name"),
)

members = Table(
    "hackathon_members",
    METADATA,
    Column("challenge", String(30), primary_key=True),  # with the user: one team a person
    Column("user_name", String(64), primary_key=True),
    Column("team", Integer, ForeignKey("hackathon_teams.id"), nullable=False, index=True),
    Column("joined_at", Moment, nullable=False),
)

submissions = Table(
    "hackathon_submissions",
    METADATA,
    Column("sequence", Integer, primary_key=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("challenge", String(30), ForeignKey("hackathon_challenges.slug"), nullable=False),
    Column("team", Integer, ForeignKey("hackathon_teams.id"), nullable=False),
    Column("user_name", String(64), nullable=False),
    Column("idempotency_key", String(36), nullable=False),
    Column("file_name", String(100), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("phase", String(30), nullable=False),  # empty: late
    Column("period", String(16), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("stored_at", Moment),
    Column("state", String(16), nullable=False),
    Column("state_at", Moment, nullable=False),
    Column("attempt", Integer, nullable=False, default=0),  # the fencing token of the current lease
    Column("failures", Integer, nullable=False, default=0),
    Column("leased_until", Moment),
    Column("faults", Json),
    UniqueConstraint("user_name", "idempotency_key"),
    Index(None, "challenge", "state"),
    Index(None, "team", "state"),
)

counters = Table(
    "hackathon_counters",
    METADATA,
    Column("team", Integer, ForeignKey("hackathon_teams.id"), primary_key=True),
    Column("phase", String(30), primary_key=True),
    Column("period", String(16), primary_key=True),
    Column("charge", String(8), primary_key=True),
    Column("used", Integer, nullable=False),
)

attempts = Table(
    "hackathon_attempts",
    METADATA,
    Column("submission", Integer, ForeignKey("hackathon_submissions.sequence"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("worker", String(80), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", String(16)),
)

scores = Table(
    "hackathon_scores",
    METADATA,
    Column("submission", Integer, ForeignKey("hackathon_submissions.sequence"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),  # with it: one score each
    Column("public", Double, nullable=False),
    Column("public_error", Double, nullable=False),
    Column("private", Double, nullable=False),
    Column("private_error", Double, nullable=False),
    Column("made_at", Moment, nullable=False),
)

flags = Table(
    "hackathon_flags",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("challenge", String(30), nullable=False, index=True),
    Column("team", Integer, ForeignKey("hackathon_teams.id")),
    Column("submission", Integer, ForeignKey("hackathon_submissions.sequence"), index=True),
    Column("flag", String(16), nullable=False),
    Column("raised", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
    Column("reason", Text, nullable=False),
)

snapshots = Table(
    "hackathon_snapshots",
    METADATA,
    Column("challenge", String(30), ForeignKey("hackathon_challenges.slug"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("rows", Json, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
)

audit = Table(
    "hackathon_audit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("challenge", String(30), nullable=False, index=True),
    Column("detail", Json, nullable=False),
)
