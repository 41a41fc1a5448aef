"""Who runs a challenge and who judges it, and what is announced to its participants.

Operators organise every challenge. They, and the organisers of one, appoint its organisers and judges by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, and_, insert, select, update

from bitgoeul.errors import Conflict, InputError, NotAllowed, NotFound, Text, shorten
from bitgoeul.hackathon import judging_tables as j
from bitgoeul.hackathon import store
from bitgoeul.hackathon.service import Hackathon
from bitgoeul.names import UserName

Role = Literal["organiser", "judge"]
ROLES: Mapping[Role, Text] = {"organiser": Text("조직자", "organiser"), "judge": Text("심사위원", "judge")}
LONGEST_NOTICE = 1000


def written(text: str, most: int, what: Text, *, lines: bool = False, least: int = 1) -> str:
    """A text of a form without control characters, at most so long; raise `InputError`.

    Marks that turn the direction of writing go too: with them a name could show as another one.
    """
    kept = "".join(c for c in text.replace("\r\n", "\n") if c.isprintable() or (lines and c == "\n") or c == "\t")
    found = kept.strip() if lines else " ".join(kept.split())
    if not least <= len(found) <= most:
        raise InputError(
            ko=f"{what.ko}에는 {least}~{most}자를 씁니다. {len(found)}자를 받았습니다.",
            en=f"{what.en}: {least} to {most} letters; found {len(found)}.",
        )
    return found


def roles_of(connection: Connection, slug: str, user: str) -> frozenset[Role]:
    """What a person is in a challenge, beside an operator or a participant."""
    o = j.officials.c
    mine = select(o.role).where(o.challenge == slug, o.user_name == user, o.active)
    return frozenset(connection.execute(mine).scalars())


def officials_of(connection: Connection, slug: str, role: Role) -> list[str]:
    """Who has a role, in alphabetical order of their keys."""
    o = j.officials.c
    query = select(o.user_name).where(o.challenge == slug, o.role == role, o.active).order_by(o.user_name)
    return list(connection.execute(query).scalars())


def organised_by(connection: Connection, user: str) -> list[str]:
    """The challenges that a person organises."""
    o = j.officials.c
    query = select(o.challenge).where(o.user_name == user, o.role == "organiser", o.active).order_by(o.challenge)
    return list(connection.execute(query).scalars())


def not_organiser(slug: str) -> NotAllowed:
    """The one sentence for somebody who does not organise a challenge."""
    return NotAllowed(
        ko=f"{slug} 챌린지의 조직자만 할 수 있는 일입니다. 운영자에게 조직자로 정해 달라고 하세요.",
        en=f"Only organisers of {slug} may do this. Ask an operator to be made one.",
    )


def not_judge(slug: str) -> NotAllowed:
    """The one sentence for somebody who does not judge a challenge."""
    return NotAllowed(
        ko=f"{slug} 챌린지의 심사위원만 볼 수 있습니다. 조직자에게 심사위원으로 정해 달라고 하세요.",
        en=f"Only judges of {slug} may see this. Ask its organiser to be made one.",
    )


def appoint(hackathon: Hackathon, by: UserName, slug: str, user: UserName, role: Role, *, active: bool) -> None:
    """Make somebody an organiser or a judge, or no longer one. A judge's marks stay; his seats are free from now on."""
    with store.writing(hackathon.database) as connection:
        store.find_event(connection, slug, lock=True)
        now = hackathon.now()
        if active and role == "judge" and store.team_of(connection, slug, user):
            raise Conflict(
                ko=f"{user} 님은 이 챌린지의 참가자라 심사할 수 없습니다.",
                en=f"{user} takes part in this challenge and cannot judge it.",
            )
        row = {"challenge": slug, "user_name": str(user), "role": role}
        o = j.officials.c
        mine = and_(o.challenge == slug, o.user_name == user, o.role == role)
        new = {"active": active, "at": now, "by": str(by)}
        if not connection.execute(update(j.officials).where(mine).values(new)).rowcount:
            connection.execute(insert(j.officials).values({**row, **new}))
        if role == "judge" and not active:
            s = j.seats.c
            connection.execute(update(j.seats).where(s.challenge == slug, s.judge == user).values(active=False, at=now))
        detail = {"user": str(user), "role": role, "active": active}
        store.audit(connection, at=now, actor=by, action="appoint", slug=slug, detail=detail)


# --- announcements ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Notice:
    """A message to everybody in a challenge."""

    id: int
    text: Text
    at: datetime
    by: str


def notices(hackathon: Hackathon, slug: str) -> list[Notice]:
    """What is announced now, newest first: for a participant's page, the board, and whoever else shows it."""
    a = j.announcements.c
    query = select(j.announcements).where(a.challenge == slug, a.active).order_by(a.id.desc()).limit(20)
    with hackathon.database.reading() as connection:
        rows = connection.execute(query).mappings().all()
    return [Notice(row["id"], Text(row["ko"], row["en"] or row["ko"]), row["at"], row["by"]) for row in rows]


def announce(hackathon: Hackathon, by: UserName, slug: str, ko: str, en: str) -> int:
    """Tell participants something; the number of the notice."""
    ko = written(ko, LONGEST_NOTICE, Text("알림", "The notice"), lines=True)
    en = written(en, LONGEST_NOTICE, Text("영어 알림", "The English notice"), lines=True, least=0)
    with store.writing(hackathon.database) as connection:
        store.find_event(connection, slug)
        now = hackathon.now()
        row = {"challenge": slug, "ko": ko, "en": en, "active": True, "at": now, "by": str(by)}
        made = connection.execute(insert(j.announcements).values(row)).inserted_primary_key
        number = int(made[0]) if made else 0
        store.audit(connection, at=now, actor=by, action="announce", slug=slug, detail={"id": number})
        return number


def show_notice(hackathon: Hackathon, by: UserName, slug: str, number: int, *, active: bool) -> None:
    """Take a notice away, or show it again."""
    with store.writing(hackathon.database) as connection:
        a = j.announcements.c
        mine = and_(a.challenge == slug, a.id == number)
        if not connection.execute(update(j.announcements).where(mine).values(active=active)).rowcount:
            raise NotFound(
                ko=f"{shorten(number)}번 알림이 없습니다.", en=f"There is no notice with the number {shorten(number)}."
            )
        detail = {"id": number, "active": active}
        store.audit(connection, at=hackathon.now(), actor=by, action="announce", slug=slug, detail=detail)
