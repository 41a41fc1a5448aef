"""The tables of judges, projects, announcements and certificates.

What was decided once stays: an appointment, a conflict of interest or a seat that no longer holds becomes inactive, and the
audit of `tables` says who did what. A judge's mark is written over until judging is closed.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bitgoeul.database import METADATA, Moment

officials = Table(
    "hackathon_officials",
    METADATA,
    Column("challenge", String(30), ForeignKey("hackathon_challenges.slug"), primary_key=True),
    Column("user_name", String(64), primary_key=True),
    Column("role", String(10), primary_key=True),  # organiser, judge
    Column("active", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
)

projects = Table(
    "hackathon_projects",
    METADATA,
    Column("team", Integer, ForeignKey("hackathon_teams.id"), primary_key=True, autoincrement=False),
    Column("challenge", String(30), ForeignKey("hackathon_challenges.slug"), nullable=False, index=True),
    Column("title", String(100), nullable=False),
    Column("summary", Text, nullable=False),
    Column("link", String(300), nullable=False),  # empty: none
    Column("file_name", String(100), nullable=False),  # empty: none
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("files", Integer, nullable=False),  # how many were handed in; none is deleted, so they are counted
    Column("shown", Boolean, nullable=False),  # the captain consents to the gallery
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
)

panels = Table(
    "hackathon_panels",
    METADATA,
    Column("challenge", String(30), ForeignKey("hackathon_challenges.slug"), primary_key=True),
    Column("seed", String(20), nullable=False),  # the draw of the assignment, which anybody may repeat
    Column("closed_at", Moment),  # from then on no mark changes
)

conflicts = Table(
    "hackathon_conflicts",
    METADATA,
    Column("judge", String(64), primary_key=True),
    Column("team", Integer, ForeignKey("hackathon_teams.id"), primary_key=True, autoincrement=False),
    Column("challenge", String(30), ForeignKey("hackathon_challenges.slug"), nullable=False, index=True),
    Column("reason", String(200), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
)

seats = Table(
    "hackathon_seats",
    METADATA,
    Column("judge", String(64), primary_key=True),
    Column("team", Integer, ForeignKey("hackathon_teams.id"), primary_key=True, autoincrement=False),
    Column("challenge", String(30), ForeignKey("hackathon_challenges.slug"), nullable=False, index=True),
    Column("active", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
)

marks = Table(
    "hackathon_marks",
    METADATA,
    Column("judge", String(64), primary_key=True),
    Column("team", Integer, ForeignKey("hackathon_teams.id"), primary_key=True, autoincrement=False),
    Column("criterion", String(30), primary_key=True),
    Column("mark", Double),  # None: only a comment so far
    Column("comment", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

announcements = Table(
    "hackathon_announcements",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("challenge", String(30), ForeignKey("hackathon_challenges.slug"), nullable=False, index=True),
    Column("ko", Text, nullable=False),
    Column("en", Text, nullable=False),  # empty: as the Korean one
    Column("active", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
)

certificates = Table(
    "hackathon_certificates",
    METADATA,
    Column("id", String(32), primary_key=True),  # drawn, not to be guessed: who holds the paper may verify it
    Column("challenge", String(30), ForeignKey("hackathon_challenges.slug"), nullable=False),
    Column("number", Integer, nullable=False),  # of the snapshot that it was made from
    Column("user_name", String(64), nullable=False),
    Column("ko", String(100), nullable=False),  # the name as it was when the certificate was made
    Column("en", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("challenge", "number", "user_name"),
)
