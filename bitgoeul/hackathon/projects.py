"""What teams hand in beside predictions: a title, a summary, a link, a file; and whether it may be shown in the gallery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, RowMapping, insert, select, update

from bitgoeul.blobs import BlobWriter
from bitgoeul.errors import InputError, NotAllowed, NotFound, QuotaSpent, Text, shorten
from bitgoeul.hackathon import judging_tables as j
from bitgoeul.hackathon import store
from bitgoeul.hackathon import tables as t
from bitgoeul.hackathon.officials import written
from bitgoeul.hackathon.service import Hackathon
from bitgoeul.hackathon.store import Event
from bitgoeul.names import UserName

LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_LINK = 100, 3000, 300
MOST_FILES = 30
"""How often a team may hand in a file: every one of them is kept."""


@dataclass(frozen=True)
class Project:
    """What one team handed in."""

    team: int
    team_name: str
    title: str
    summary: str
    link: str
    file_name: str
    sha256: str
    size: int
    files: int
    shown: bool
    at: datetime
    by: str


@dataclass(frozen=True)
class Draft:
    """What the form of a project says."""

    title: str
    summary: str
    link: str = ""
    shown: bool = False
    drop_file: bool = False


def check_link(text: str) -> str:
    """An address of the web that a browser may open, or nothing; raise `InputError`."""
    found = text.strip()
    try:
        parts = urlsplit(found)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        sound = False
    if found and (not sound or len(found) > LONGEST_LINK or not found.isprintable() or " " in found):
        raise InputError(
            ko=f"링크는 http:// 나 https:// 로 시작하는 {LONGEST_LINK}자까지의 주소인데 {shorten(found)}을(를) 받았습니다.",
            en=f"A link is an address of at most {LONGEST_LINK} letters that begins with http:// or https://; found {shorten(found)}.",
        )
    return found


class Projects:
    """The projects of the open challenges."""

    def __init__(self, hackathon: Hackathon) -> None:
        self.hackathon = hackathon
        self.database = hackathon.database

    def mine(self, user: UserName, slug: str) -> Project | None:
        """One's own team's project, if there is one."""
        with self.database.reading() as connection:
            team = store.team_of(connection, slug, user)
            return self._find(connection, team["id"]) if team else None

    def of_team(self, slug: str, team: int) -> Project:
        """A team's project; raise `NotFound`."""
        with self.database.reading() as connection:
            found = self._find(connection, team)
            known = found and team in {row["id"] for row in teams_of(connection, slug)}
        if found is None or not known:
            raise no_project(team)
        return found

    @staticmethod
    def _find(connection: Connection, team: int) -> Project | None:
        row = connection.execute(_ALL.where(j.projects.c.team == team)).mappings().one_or_none()
        return _project(row) if row else None

    def hand_in(self, user: UserName, slug: str, draft: Draft, file: tuple[str, BlobWriter] | None) -> Project:
        """Hand in, or hand in anew: until the end of the challenge. A file that was there stays unless another comes."""
        title = written(draft.title, LONGEST_TITLE, Text("제목", "The title"))
        summary = written(draft.summary, LONGEST_SUMMARY, Text("소개", "The summary"), lines=True)
        values: dict[str, Any] = {"title": title, "summary": summary, "link": check_link(draft.link)}
        if file:
            name = "".join(c for c in file[0].replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable())[-100:] or "file"
            values |= {"file_name": name, "sha256": file[1].keep(), "size": file[1].size}
        elif draft.drop_file:
            values |= {"file_name": "", "sha256": "", "size": 0}
        with store.writing(self.database) as connection:
            event, now = store.find_event(connection, slug), self.hackathon.now()
            team = self._team(connection, slug, user)
            _check_open(event, now)
            there = self._find(connection, team["id"])
            values |= {"at": now, "by": str(user)}
            if file:
                values["files"] = _one_more(there)
            if team["captain"] == user:
                values["shown"] = draft.shown
            if there:
                connection.execute(update(j.projects).where(j.projects.c.team == team["id"]).values(values))
            else:
                connection.execute(
                    insert(j.projects).values({**_EMPTY, "team": team["id"], "challenge": slug, **values})
                )
            store.audit(connection, at=now, actor=user, action="project", slug=slug, detail={"team": team["id"]})
            found = self._find(connection, team["id"])
        if found is None:
            raise no_project(team["id"])
        return found

    def consent(self, user: UserName, slug: str, *, shown: bool) -> None:
        """The captain says whether the project may stand in the gallery; at any time, also after the end."""
        with store.writing(self.database) as connection:
            team = self._team(connection, slug, user)
            if team["captain"] != user:
                raise NotAllowed(
                    ko="전시회에 보일지는 팀장이 정합니다. 팀장에게 말하세요.",
                    en="The captain decides about the gallery. Talk to your captain.",
                )
            mine = update(j.projects).where(j.projects.c.team == team["id"])
            if not connection.execute(mine.values(shown=shown)).rowcount:
                raise no_project(team["id"])
            detail = {"team": team["id"], "shown": shown}
            store.audit(connection, at=self.hackathon.now(), actor=user, action="consent", slug=slug, detail=detail)

    @staticmethod
    def _team(connection: Connection, slug: str, user: UserName) -> RowMapping:
        found = store.team_of(connection, slug, user)
        if found is None:
            raise NotAllowed(
                ko="아직 팀이 없습니다. 팀을 만들거나 코드로 들어간 뒤 내세요.",
                en="You have no team yet. Make one or join by code, then hand in.",
            )
        return found

    def all(self, slug: str) -> list[Project]:
        """Every project of a challenge that may be judged, by team."""
        with self.database.reading() as connection:
            return projects_of(connection, slug)

    def gallery(self, slug: str) -> list[Project]:
        """What may be shown to everybody in the academy: with the captain's consent, after the end."""
        with self.database.reading() as connection:
            over = self.hackathon.now() >= store.find_event(connection, slug).end
            return [project for project in projects_of(connection, slug) if project.shown] if over else []


_ALL = select(j.projects, t.teams.c.name).join_from(j.projects, t.teams, t.teams.c.id == j.projects.c.team)


def _project(row: RowMapping) -> Project:
    names = Project.__dataclass_fields__.keys() - {"team_name"}
    return Project(team_name=row["name"], **{name: row[name] for name in names})


_EMPTY = {"file_name": "", "sha256": "", "size": 0, "files": 0, "shown": False}


def _one_more(there: Project | None) -> int:
    found = 1 + (there.files if there else 0)
    if found > MOST_FILES:
        raise QuotaSpent(
            ko=f"프로젝트 파일은 {MOST_FILES}번까지 낼 수 있습니다. 마지막에 낸 파일이 남아 있습니다.",
            en=f"A team hands in a project's file {MOST_FILES} times at most. The last one stays.",
        )
    return found


def _check_open(event: Event, now: datetime) -> None:
    if not event.start <= now < event.end:
        raise NotAllowed(
            ko="프로젝트는 시작과 마감 사이에 냅니다. 지금은 낼 수 없습니다.",
            en="A project is handed in between the start and the end; not now.",
        )


def teams_of(connection: Connection, slug: str) -> list[RowMapping]:
    """The teams that still compete, by name: neither merged into another, nor hidden or disqualified, nor a baseline."""
    flagged, _ = store.flags_now(connection, slug)
    query = select(t.teams).where(t.teams.c.challenge == slug, t.teams.c.merged_into.is_(None)).order_by(t.teams.c.name)
    out = {"hidden", "disqualified", "baseline", "host"}
    return [row for row in connection.execute(query).mappings() if not flagged.get(row["id"], set()) & out]


def projects_of(connection: Connection, slug: str) -> list[Project]:
    """The projects of the teams that still compete, by the team's name."""
    there = {row["id"] for row in teams_of(connection, slug)}
    query = _ALL.where(j.projects.c.challenge == slug).order_by(t.teams.c.name)
    return [_project(row) for row in connection.execute(query).mappings() if row["team"] in there]


def no_project(team: object) -> NotFound:
    """The one sentence for a project that there is none."""
    return NotFound(
        ko=f"{shorten(team)}번 팀의 프로젝트가 없습니다. 목록에서 고르세요.",
        en=f"Team {shorten(team)} has no project here. Choose one from the list.",
    )
