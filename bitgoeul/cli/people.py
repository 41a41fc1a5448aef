"""`bitgoeul people`: takes a roster in, and lists who is in which cohort from when to when."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bitgoeul import settings as settings_module
from bitgoeul.cli.main import language
from bitgoeul.database import Database
from bitgoeul.errors import Text
from bitgoeul.migrations import migrate
from bitgoeul.people import importing, reading, rules, store
from bitgoeul.people.directory import Directory
from bitgoeul.people.rules import Roll
from bitgoeul.settings import Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Roster = Annotated[Path, typer.Argument(metavar="ROSTER.csv|.xlsx", help="columns in Korean or English, in any order")]
Apply = Annotated[bool, typer.Option("--apply", help="do it; without this it is only shown")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@app.command("import")
def take_in(roster: Roster, *, apply: Apply = False) -> None:
    """Show what a roster would change, or change it with --apply; exit 2 with every fault if the file has any."""
    settings = settings_module.load()
    speak = language()
    sheet = reading.read(roster)
    with closing(Directory(settings)) as directory:
        plan = importing.plan(sheet, settings, *directory.stored())
    if apply:
        with _database(settings) as database, database.writing() as connection:
            plan = importing.plan(sheet, settings, *store.read(connection))
            importing.apply(connection, plan)
    head = Text(
        f"{sheet.place}: {sheet.encoding}, 줄 {len(sheet.rows)}개",
        f"{sheet.place}: {sheet.encoding}, {len(sheet.rows)} rows",
    )
    done = Text("저장했습니다.", "Stored.") if apply else Text("아직 아무것도 바꾸지 않았습니다. --apply를 붙이면 저장합니다.", "Nothing was changed yet; --apply stores it.")  # fmt: skip
    lines = (head, *importing.told(plan, settings), done)
    sys.stdout.write("".join(f"{line.pick(speak)}\n" for line in lines))


@app.command("list")
def show(*, as_json: AsJson = False) -> None:
    """List everybody, the account by which each is known, and his cohorts with their days."""
    settings = settings_module.load()
    with closing(Directory(settings)) as directory:
        directory.stored()  # a database that does not answer is told here
        found = directory.read()
    sys.stdout.write(as_data(found) if as_json else as_text(found))


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    """Open the academy's database in its newest form: a roster may come before the academy opens for the first time."""
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.database_url)
    try:
        migrate(database)
        yield database
    finally:
        database.close()


def as_data(found: Roll) -> str:
    """Write what a program reads."""
    rows = [
        {
            "user": person.user,
            "name": {"ko": person.name.ko, "en": person.name.en},
            "role": person.role,
            "account": person.account,
            "cohorts": [
                {"cohort": name, "part": part, "starts": _iso(first), "ends": _iso(last), "now": now}
                for name, part, first, last, now in _cohorts(found, person.user)
            ],
        }
        for person in found.settings.people
    ]
    return json.dumps({"people": rows}, ensure_ascii=False, indent=2) + "\n"


def as_text(found: Roll) -> str:
    """Write what a person reads: one line a person, one a cohort of his; what is not in force stands in brackets."""
    speak = language()
    lines = []
    for person in found.settings.people:
        lines.append(f"{person.user:<20}{person.name.text.pick(speak)}  {person.role}  {person.account}".rstrip())
        for name, part, first, last, now in _cohorts(found, person.user):
            words = f"{name} {part} {first or ''} ~ {last or ''}".rstrip()
            lines.append(f"    {words}" if now else f"    ({words})")
    return "".join(f"{line}\n" for line in lines)


def _cohorts(found: Roll, user: str) -> Iterator[tuple[str, str, object, object, bool]]:
    for enrolment in found.enrolments:
        if enrolment.user == user:
            first, last = rules.days(enrolment, found.settings)
            now = rules.in_force(first, last, found.at, found.settings.zone)
            yield enrolment.cohort, enrolment.part, first, last, now


def _iso(day: object) -> str | None:
    return None if day is None else str(day)
