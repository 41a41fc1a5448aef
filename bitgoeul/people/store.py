"""The imported roster's rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, inspect, select, update

from bitgoeul.names import CohortName, UserName
from bitgoeul.people.rules import Enrolment, Member
from bitgoeul.people.tables import enrolments, members, roster_versions
from bitgoeul.settings import Person


def is_there(connection: Connection) -> bool:
    """Say whether the tables exist: the service makes them, and a Hub that starts for the first time may be earlier."""
    return inspect(connection).has_table(roster_versions.name)


def version(connection: Connection) -> int:
    """Give a number that grows with every change: whoever knows it need not read everybody again."""
    return int(connection.execute(select(roster_versions.c.version)).scalar_one())


def _changed(connection: Connection) -> None:
    connection.execute(update(roster_versions).values(version=roster_versions.c.version + 1))


def read(connection: Connection) -> tuple[list[Member], list[Enrolment]]:
    """Give everybody and every enrolment, past and future ones too, in the order of their names."""
    people = [
        Member(
            Person.model_validate(
                {
                    "user": row.user_name,
                    "name": {"ko": row.name_ko, "en": row.name_en},
                    "role": row.role,
                    "language": row.language,
                    "account": row.account or "",
                }
            ),
            row.source,
        )
        for row in connection.execute(select(members).order_by(members.c.user_name))
    ]
    order = (enrolments.c.user_name, enrolments.c.cohort, enrolments.c.source)
    enrolled = [
        Enrolment(
            UserName(row.user_name), CohortName(row.cohort), row.part, _day(row.starts), _day(row.ends), row.source
        )
        for row in connection.execute(select(enrolments).order_by(*order))
    ]
    return people, enrolled


def save(connection: Connection, person: Person, source: str) -> None:
    """Add the person, or put the new words in place of the old ones."""
    connection.execute(delete(members).where(members.c.user_name == person.user))
    values: dict[str, Any] = {
        "user_name": person.user,
        "account": person.account or None,
        "name_ko": person.name.ko,
        "name_en": person.name.en,
        "role": person.role,
        "language": person.language,
        "source": source,
    }
    connection.execute(insert(members).values(values))
    _changed(connection)


def enrol(connection: Connection, enrolment: Enrolment) -> None:
    """Add the enrolment, or put its new part and days in place of the old ones."""
    source = enrolment.source
    mine = (enrolments.c.user_name == enrolment.user, enrolments.c.cohort == enrolment.cohort)
    connection.execute(delete(enrolments).where(*mine, enrolments.c.source == source))
    values = {
        "user_name": enrolment.user,
        "cohort": enrolment.cohort,
        "source": source,
        "part": enrolment.part,
        "starts": _iso(enrolment.starts),
        "ends": _iso(enrolment.ends),
    }
    connection.execute(insert(enrolments).values(values))
    _changed(connection)


def claim(connection: Connection, person: Person, cohorts: Iterable[CohortName], *, known: bool) -> None:
    """Keep what a provider's claims say of a person now: its cohorts take the place of those it said before."""
    if not known:
        save(connection, person, "claims")
    old = (enrolments.c.user_name == person.user, enrolments.c.source == "claims")
    connection.execute(delete(enrolments).where(*old))
    _changed(connection)
    for cohort in cohorts:
        enrol(connection, Enrolment(person.user, cohort, source="claims"))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
