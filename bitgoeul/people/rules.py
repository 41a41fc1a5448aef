"""Who belongs to the academy at one moment, and who may come in. Pure: it takes `now` and plain data.

Days are the academy's: an enrolment is in force from the beginning of its first day to the end of its last one, in the
academy's time zone. A cohort's own days bind its students only: staff prepare before and grade after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bitgoeul.errors import InvalidName, NotAllowed, shorten
from bitgoeul.names import CohortName, CourseName, UserName, cohort_group, staff_group, student_group
from bitgoeul.people.roster import hub_groups
from bitgoeul.settings import Person, Settings

Part = Literal["student", "staff"]
_KINDS = (cohort_group(CohortName("x"))[:-1], student_group(CourseName("x"))[:-1], staff_group(CourseName("x"))[:-1])


@dataclass(frozen=True)
class Enrolment:
    """One person in one cohort. `ends` is the last day; an absent day is open."""

    user: UserName
    cohort: CohortName
    part: Part = "student"
    starts: date | None = None
    ends: date | None = None
    source: str = "import"


@dataclass(frozen=True)
class Member:
    """One person of the imported roster, or one whom the provider's claims put into a cohort."""

    person: Person
    source: str = "import"


@dataclass(frozen=True)
class Roll:
    """Everybody at the moment `at`. `settings` holds the people, and in its cohorts who is enrolled at that moment."""

    settings: Settings
    enrolments: tuple[Enrolment, ...]
    at: datetime

    def owner(self, account: str) -> UserName | None:
        """Give the user whose account this is; None for a stranger. Letters count: `kakao-A` is not `kakao-a`."""
        for person in self.settings.people:
            if person.account == account:
                return person.user
        same = self.settings.person(user_name(account))
        return same.user if same and not same.account else None

    def groups(self, user: str) -> set[str]:
        """Name the Hub groups of one person at this moment."""
        return {group for group, users in hub_groups(self.settings).items() if user in users}


def ours(group: str) -> bool:
    """Whether a Hub group is made from the roster, so that its members are the roster's and nobody else."""
    return group.startswith(_KINDS)


def user_name(account: str) -> UserName:
    """Name the Hub user of an account that the roster gives no other name: the account, or its hash where it will not do.

    The Hub takes small letters only, and providers tell capital ones apart: two people may never become one user.
    """
    try:
        return UserName(account)
    except InvalidName:
        return UserName(f"{account.partition('-')[0]}.{hashlib.sha256(account.encode()).hexdigest()[:40]}")


def days(enrolment: Enrolment, settings: Settings) -> tuple[date | None, date | None]:
    """Give the first and the last day that count: for a student, the cohort's too."""
    cohort = settings.cohorts[enrolment.cohort]
    if enrolment.part == "staff":
        return enrolment.starts, enrolment.ends
    starts = [day for day in (enrolment.starts, cohort.starts) if day]
    ends = [day for day in (enrolment.ends, cohort.ends) if day]
    return max(starts, default=None), min(ends, default=None)


def in_force(first: date | None, last: date | None, now: datetime, zone: ZoneInfo) -> bool:
    """Say whether `now` lies in the days from `first` to the end of `last`."""
    begun = first is None or now >= datetime.combine(first, time(), zone)
    over = last is not None and now >= datetime.combine(last + timedelta(days=1), time(), zone)
    return begun and not over


def roll(settings: Settings, members: Iterable[Member], enrolments: Iterable[Enrolment], now: datetime) -> Roll:
    """Bring the settings' people and the imported ones together. Who stands in both is what the settings say."""
    enrolments = tuple(enrolments)
    written = {person.user for person in settings.people}
    enrolled = {enrolment.user for enrolment in enrolments}
    added = (
        member.person
        for member in members
        if member.person.user not in written and (member.source == "import" or member.person.user in enrolled)
    )
    people = (*settings.people, *added)
    known = {person.user for person in people}
    stored = [e for e in enrolments if e.cohort in settings.cohorts and e.user in known]
    everyone = (*_written(settings), *stored)
    now_in: dict[tuple[str, Part], set[UserName]] = {}
    for e in everyone:
        if in_force(*days(e, settings), now, settings.zone):
            now_in.setdefault((e.cohort, e.part), set()).add(e.user)
    cohorts = {}
    for name, cohort in settings.cohorts.items():
        staff = now_in.get((name, "staff"), set())
        students = now_in.get((name, "student"), set()) - staff
        cohorts[name] = cohort.model_copy(update={"students": tuple(sorted(students)), "staff": tuple(sorted(staff))})
    return Roll(settings.model_copy(update={"people": people, "cohorts": cohorts}), everyone, now)


def _written(settings: Settings) -> list[Enrolment]:
    parts: Mapping[Part, str] = {"student": "students", "staff": "staff"}
    return [
        Enrolment(user, name, part)
        for name, cohort in settings.cohorts.items()
        for part, field in parts.items()
        for user in getattr(cohort, field)
    ]


def require_entry(found: Roll, user: str) -> None:
    """Raise `NotAllowed` for a stranger, and for somebody none of whose enrolments is in force."""
    person = found.settings.person(user)
    if person is None:
        raise NotAllowed(
            ko=f"이 학교의 명단에 있는 사람만 들어올 수 있는데 {shorten(user)}은(는) 명단에 없습니다. 운영자에게 명단에 넣어 달라고 하십시오.",
            en=f"Only people of this academy's roster come in, and {shorten(user)} is not in it. Ask the operator to add you.",
        )
    mine = [(days(e, found.settings), e.cohort) for e in found.enrolments if e.user == user]
    zone = found.settings.zone
    if person.role == "operator" or not mine or any(in_force(*both, found.at, zone) for both, _ in mine):
        return
    today = found.at.astimezone(zone).date()
    coming = sorted((first, cohort) for (first, _), cohort in mine if first and first > today)
    if coming:
        first, cohort = coming[0]
        title = found.settings.cohorts[cohort].title
        raise NotAllowed(
            ko=f"{title.ko}은(는) {first:%Y-%m-%d}에 시작합니다. 그날부터 들어올 수 있습니다.",
            en=f"{title.en} begins on {first:%Y-%m-%d}. You can come in from that day on.",
        )
    last, cohort = max((last or date.min, cohort) for (_, last), cohort in mine)
    title = found.settings.cohorts[cohort].title
    raise NotAllowed(
        ko=f"{title.ko}에서 공부하는 기간은 {last:%Y-%m-%d}에 끝났습니다. 더 필요하면 운영자에게 말하십시오.",
        en=f"Your time in {title.en} ended on {last:%Y-%m-%d}. If you need more, ask the operator.",
    )
