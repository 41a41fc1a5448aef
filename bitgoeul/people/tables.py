"""The imported roster's tables. Days are ISO text: the same in SQLite and PostgreSQL, and in order."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from bitgoeul.database import METADATA

members = Table(
    "members",
    METADATA,
    Column("user_name", String(64), primary_key=True),
    Column("account", String(300), nullable=True, unique=True),
    Column("name_ko", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("language", String(2), nullable=False),
    Column("source", String(8), nullable=False),  # `import`, or `claims` of the provider
)

enrolments = Table(
    "enrolments",
    METADATA,
    Column("user_name", String(64), primary_key=True),
    Column("cohort", String(30), primary_key=True),
    Column("source", String(8), primary_key=True),
    Column("part", String(8), nullable=False),
    Column("starts", String(10), nullable=True),
    Column("ends", String(10), nullable=True),
)
Index(None, enrolments.c.cohort)

roster_versions = Table(
    "roster_versions",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),  # one row
    Column("version", Integer, nullable=False),  # grows with every change of the two tables
)
