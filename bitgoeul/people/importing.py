"""Rows of a roster become what would change: pure, so that a dry run and the real one cannot differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import get_args

from sqlalchemy import Connection

from bitgoeul.errors import Fault, InvalidName, RosterError, Text, shorten
from bitgoeul.names import CohortName, UserName
from bitgoeul.people import store
from bitgoeul.people.reading import Row, Sheet
from bitgoeul.people.rules import Enrolment, Member, Part
from bitgoeul.providers import Provider
from bitgoeul.settings import Bilingual, Language, Person, Role, Settings

ROLES: dict[str, Role] = {
    "": "student",
    "학생": "student",
    "student": "student",
    "강사": "instructor",
    "instructor": "instructor",
    "교사": "teacher",
    "teacher": "teacher",
}
LANGUAGES: dict[str, Language] = {"ko": "ko", "한국어": "ko", "en": "en", "영어": "en", "korean": "ko", "english": "en"}
PREFIXES = sorted({name.removesuffix("-plain") for name in get_args(Provider)} - {"roster"})
_DAY = re.compile(r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[.일]?(?:\s.*)?")


@dataclass(frozen=True)
class Plan:
    """What an import would do. `stays` counts people of the file about whom nothing changes."""

    added: tuple[Person, ...]
    changed: tuple[Person, ...]
    stays: int
    joins: tuple[Enrolment, ...]


@dataclass
class _Reader:
    """Reads rows one after the other and keeps every fault."""

    sheet: Sheet
    settings: Settings
    faults: list[Fault] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    enrolments: dict[tuple[str, str], Enrolment] = field(default_factory=dict)

    def wrong(self, row: Row, ko: str, en: str) -> None:
        self.faults.append(Fault.of(self.sheet.place, row.line, ko, en))

    def row(self, row: Row) -> None:
        user = self.user(row)
        person = self.person(row, user) if user else None
        cohort, starts, ends = self.cohort(row), self.day(row, "starts"), self.day(row, "ends")
        if starts and ends and ends < starts:
            self.wrong(
                row,
                f"종료일 {ends}이(가) 시작일 {starts}보다 앞섭니다.",
                f"it ends on {ends}, before it starts on {starts}.",
            )
        if (starts or ends) and not row["cohort"]:
            self.wrong(row, "날짜가 있는데 기수가 없습니다.", "there are days, but no cohort.")
        if user is None or person is None:
            return
        before = self.people.setdefault(user, person)
        if before != person:
            first = self.lines[user]
            self.wrong(row, f"{user}의 이름·역할·계정·언어가 {first}번째 줄과 다릅니다.", f"name, role, account or language of {user} differ from row {first}.")  # fmt: skip
        self.lines.setdefault(user, row.line)
        if cohort:
            part: Part = "student" if person.role == "student" else "staff"
            if (user, cohort) in self.enrolments:
                self.wrong(row, f"{user}은(는) 이미 위에서 {cohort} 기수에 들어갔습니다.", f"{user} is in cohort {cohort} already, above.")  # fmt: skip
            self.enrolments[user, cohort] = Enrolment(user, cohort, part, starts, ends)

    def user(self, row: Row) -> UserName | None:
        try:
            found = UserName(row["user"])
        except InvalidName as error:
            self.faults.append(Fault(self.sheet.place, row.line, error.text))
            return None
        if self.settings.person(found):
            self.wrong(row, f"{found}은(는) academy.toml에 있습니다. 한 사람은 한 곳에만 적습니다.", f"{found} stands in academy.toml; a person stands in one place only.")  # fmt: skip
            return None
        return found

    def person(self, row: Row, user: UserName) -> Person | None:
        role, language = ROLES.get(row["role"].lower()), LANGUAGES.get(row["language"].lower() or self.settings.academy.language)  # fmt: skip
        if role is None:
            self.wrong(row, f"역할은 학생, 강사, 교사인데 {shorten(row['role'])}을(를) 받았습니다. 운영자는 academy.toml에 적습니다.", f"the role is student, instructor or teacher; found {shorten(row['role'])}. Operators stand in academy.toml.")  # fmt: skip
        if language is None:
            self.wrong(row, f"언어는 ko나 en인데 {shorten(row['language'])}을(를) 받았습니다.", f"the language is ko or en; found {shorten(row['language'])}.")  # fmt: skip
        if not row["name"]:
            self.wrong(row, "이름이 비어 있습니다.", "the name is empty.")
        account = self.account(row)
        if role is None or language is None or not row["name"]:
            return None
        name = Bilingual(ko=row["name"], en=row["name_en"] or row["name"])
        return Person(user=user, name=name, role=role, language=language, account=account)

    def account(self, row: Row) -> str:
        found = row["account"]
        prefix, dash, rest = found.partition("-")
        if found and not (dash and rest and prefix in PREFIXES and len(found) <= 300):
            self.wrong(
                row,
                f"계정은 kakao-3141592653처럼 {', '.join(PREFIXES)} 가운데 하나와 번호인데 {shorten(found)}을(를) 받았습니다. 이메일은 쓰지 않습니다.",
                f"an account is one of {', '.join(PREFIXES)} and the number there, such as kakao-3141592653; found {shorten(found)}. E-mail addresses are not used.",
            )
        return found

    def cohort(self, row: Row) -> CohortName | None:
        found = row["cohort"]
        if not found:
            return None
        titles = {title: name for name, c in self.settings.cohorts.items() for title in (name, c.title.ko, c.title.en)}
        if found not in titles:
            names = ", ".join(self.settings.cohorts) or "-"
            self.wrong(row, f"{shorten(found)} 기수가 academy.toml에 없습니다. 있는 기수: {names}", f"there is no cohort {shorten(found)} in academy.toml; there are: {names}")  # fmt: skip
        return titles.get(found)

    def day(self, row: Row, column: str) -> date | None:
        found = row[column]
        parts = _DAY.fullmatch(found)
        if not found:
            return None
        try:
            if parts:
                return date(*(int(part) for part in parts.groups()))
        except ValueError:
            pass  # the thirteenth month, say: told below
        self.wrong(row, f"날짜는 2027-03-02처럼 적는데 {shorten(found)}을(를) 받았습니다.", f"a day such as 2027-03-02 was wanted; found {shorten(found)}.")  # fmt: skip
        return None


def plan(sheet: Sheet, settings: Settings, members: Iterable[Member], enrolments: Iterable[Enrolment]) -> Plan:
    """Compare the file with what is stored; raise `RosterError` with every fault of every row."""
    reader = _Reader(sheet, settings)
    for row in sheet.rows:
        reader.row(row)
    stored = {str(member.person.user): member for member in members}
    _one_account_each(reader, stored)
    if reader.faults:
        raise RosterError(reader.faults)
    before = {(str(e.user), str(e.cohort)): e for e in enrolments if e.source == "import"}
    people = reader.people.values()
    added = tuple(person for person in people if person.user not in stored)
    changed = tuple(p for p in people if p.user in stored and stored[p.user] != Member(p))
    joins = tuple(e for key, e in reader.enrolments.items() if before.get(key) != e)
    moved = {person.user for person in (*added, *changed)} | {e.user for e in joins}
    return Plan(added, changed, sum(user not in moved for user in reader.people), joins)


def _one_account_each(reader: _Reader, stored: dict[str, Member]) -> None:
    elsewhere = [*reader.settings.people, *(m.person for m in stored.values() if m.person.user not in reader.people)]
    owners = {person.account: person.user for person in elsewhere if person.account}
    for user, person in reader.people.items():
        owner = owners.setdefault(person.account, person.user) if person.account else user
        if owner != user:
            row = Row(reader.lines[user], {})
            reader.wrong(
                row, f"계정 {person.account}은(는) {owner}의 것입니다.", f"the account {person.account} is {owner}'s."
            )


def apply(connection: Connection, found: Plan) -> None:
    """Store what the plan says; nobody who is not in the file is touched."""
    for person in (*found.added, *found.changed):
        store.save(connection, person, "import")
    for enrolment in found.joins:
        store.enrol(connection, enrolment)


def told(found: Plan, settings: Settings) -> Sequence[Text]:
    """Say who is new, who changes, and who joins which cohort when: one line each."""
    names = {person.user: person.name for person in (*found.added, *found.changed)}
    lines = [Text(f"+ {p.user} {p.name.ko}", f"+ {p.user} {p.name.en}") for p in found.added]
    lines += [Text(f"~ {p.user} {p.name.ko}", f"~ {p.user} {p.name.en}") for p in found.changed]
    for name, cohort in settings.cohorts.items():
        here = [e for e in found.joins if e.cohort == name]
        if here:
            lines.append(Text(f"{cohort.title.ko} ({name}):", f"{cohort.title.en} ({name}):"))
        for e in here:
            who, days = names.get(e.user), f"{e.starts or ''} ~ {e.ends or ''}"
            part = Text("학생", "student") if e.part == "student" else Text("강사진", "staff")
            lines.append(Text(f"  {e.user} {who.ko if who else ''} {part.ko} {days}", f"  {e.user} {who.en if who else ''} {part.en} {days}"))  # fmt: skip
    login = settings.login
    without = (
        [p.user for p in (*found.added, *found.changed) if not p.account and not p.user.startswith(f"{login.prefix}-")]
        if login.open
        else []
    )
    if without:
        few = ", ".join(without[:5]) + (" …" if len(without) > 5 else "")
        lines.append(Text(f"계정이 없어 아직 로그인할 수 없는 사람 {len(without)}명: {few}", f"{len(without)} cannot sign in yet, without an account: {few}"))  # fmt: skip
    n = len(found.added), len(found.changed), found.stays
    lines.append(
        Text(
            f"새 사람 {n[0]}명, 바뀌는 사람 {n[1]}명, 그대로 {n[2]}명.",
            f"{n[0]} new, {n[1]} changed, {n[2]} as they are.",
        )
    )
    return lines
