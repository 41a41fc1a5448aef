"""Who collected and who fetched, and up to where."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select

from bitgoeul.exchange import tables as t


def note_collection(connection: Connection, *, course: str, assignment: str, up_to: int, at: datetime, by: str) -> None:
    """Remember that staff collected everything up to this sequence."""
    row = {"course": course, "assignment": assignment, "up_to": up_to, "collected_at": at, "collected_by": by}
    connection.execute(insert(t.collections).values(**row))


def note_fetch(connection: Connection, *, course: str, assignment: str, user: str, version: int, at: datetime) -> None:
    """Remember when a student got this version the first time."""
    key = {"course": course, "assignment": assignment, "user_name": user, "version": version}
    same = and_(*(t.fetches.c[name] == value for name, value in key.items()))
    if connection.execute(select(t.fetches.c.version).where(same)).first() is None:
        connection.execute(insert(t.fetches).values(**key, fetched_at=at))


def collected_up_to(connection: Connection, course: str, assignment: str) -> int:
    """The newest sequence that staff have collected; 0 before the first time."""
    c = t.collections.c
    query = select(func.max(c.up_to)).where(c.course == course, c.assignment == assignment)
    return connection.execute(query).scalar_one() or 0
