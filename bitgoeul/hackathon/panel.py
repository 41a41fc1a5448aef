"""The judges of a challenge at work: conflicts of interest, who judges whom, marks, and the end of judging.

A mark may be changed until judging is closed. Closing takes the lock that marking takes, so no mark slips in after it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import Connection, and_, insert, select, update

from bitgoeul.errors import Conflict, NotAllowed, NotFound, Text
from bitgoeul.hackathon import judging, officials, projects, store
from bitgoeul.hackathon import judging_tables as j
from bitgoeul.hackathon import tables as t
from bitgoeul.hackathon.assigning import Pair, TooFewJudges, Wanting, assign, wanting
from bitgoeul.hackathon.projects import Project
from bitgoeul.hackathon.service import Hackathon
from bitgoeul.hackathon.store import Event
from bitgoeul.names import UserName

__all__ = ["Panel", "Seat", "Sheet", "Standing", "TooFewJudges", "judged_of"]
LONGEST_COMMENT = 2000
OVERALL = ""
"""The criterion of a comment on the whole; it has no mark."""


@dataclass(frozen=True)
class Sheet:
    """One judge's words on one team: marks and comments by criterion."""

    marks: Mapping[str, float]
    comments: Mapping[str, str]


@dataclass(frozen=True)
class Seat:
    """One team that a judge has, and how far he is."""

    project: Project
    sheet: Sheet
    whole: bool


@dataclass(frozen=True)
class Standing:
    """How far the judges are: `sheets` by (judge, team), for the seats that hold."""

    projects: tuple[Project, ...]
    judges: tuple[str, ...]
    sheets: Mapping[Pair, Sheet]
    whole: frozenset[Pair]
    barred: Mapping[Pair, str]
    lacking: tuple[Wanting, ...]
    seed: str
    closed_at: datetime | None

    def judges_of(self, team: int) -> list[str]:
        """Who judges a team."""
        return [judge for judge, number in self.sheets if number == team]


class Panel:
    """The judges' side of the open challenges. `cohorts` are the people of each cohort, for challenges that keep them apart."""

    def __init__(self, hackathon: Hackathon, cohorts: Mapping[str, frozenset[str]] | None = None) -> None:
        self.hackathon = hackathon
        self.database = hackathon.database
        self.cohorts = cohorts or {}

    # --- who judges whom ----------------------------------------------------------------------------------------------

    def declare(self, by: UserName, slug: str, judge: UserName, team: int, reason: str, *, active: bool = True) -> None:
        """Declare a conflict of interest, or take it back. A judge declares his own, an organiser anybody's."""
        reason = officials.written(reason, 200, Text("까닭", "The reason"))
        with store.writing(self.database) as connection:
            store.find_event(connection, slug, lock=True)
            if team not in {row["id"] for row in projects.teams_of(connection, slug)}:
                raise projects.no_project(team)
            now, c = self.hackathon.now(), j.conflicts.c
            new = {"reason": reason, "active": active, "at": now, "by": str(by)}
            mine = and_(c.judge == judge, c.team == team)
            if not connection.execute(update(j.conflicts).where(mine).values(new)).rowcount:
                row = {"judge": str(judge), "team": team, "challenge": slug, **new}
                connection.execute(insert(j.conflicts).values(row))
            if active:
                s = j.seats.c
                gone = update(j.seats).where(s.judge == judge, s.team == team)
                connection.execute(gone.values(active=False, at=now))
            detail = {"judge": str(judge), "team": team, "reason": reason, "active": active}
            store.audit(connection, at=now, actor=by, action="conflict", slug=slug, detail=detail)

    def barred(self, connection: Connection, event: Event, judges: list[str]) -> dict[Pair, str]:
        """Every conflict of interest, with its reason: who takes part, same cohort if the challenge says so, declared."""
        members: dict[int, list[str]] = {}
        m = t.members.c
        for row in connection.execute(select(m.team, m.user_name).where(m.challenge == event.slug)):
            members.setdefault(row.team, []).append(row.user_name)
        playing = {user for some in members.values() for user in some}
        found: dict[Pair, str] = {}
        for team, users in members.items():
            for judge in judges:
                shared = self._shared(judge, users) if event.record.judging.cohorts else ""
                if judge in playing:
                    found[judge, team] = "참가자 / takes part"
                elif shared:
                    found[judge, team] = f"같은 기수 / same cohort: {shared}"
        c = j.conflicts.c
        declared = select(j.conflicts).where(c.challenge == event.slug, c.active)
        for row in connection.execute(declared).mappings():
            if row["judge"] in judges:
                found[row["judge"], row["team"]] = row["reason"]
        return found

    def _shared(self, judge: str, users: list[str]) -> str:
        return ", ".join(
            sorted(name for name, people in self.cohorts.items() if judge in people and people & set(users))
        )

    def assign(self, by: UserName, slug: str, seed: int | None = None) -> Mapping[int, tuple[str, ...]]:
        """Draw who judges whom, for every team with a project; raise `TooFewJudges`. Who has marked keeps his team."""
        with store.writing(self.database) as connection:
            event = store.find_event(connection, slug, lock=True)
            _check_judged(event)
            self._check_open(connection, slug)
            judges = officials.officials_of(connection, slug, "judge")
            teams = {project.team: project.team_name for project in projects.projects_of(connection, slug)}
            barred = self.barred(connection, event, judges)
            drawn = secrets.randbelow(10**9) if seed is None else seed
            kept = [pair for pair, sheet in _sheets(connection, slug).items() if sheet.marks]
            each = event.record.judging.judges
            found = assign(teams, judges, barred, each=each, seed=drawn, kept=kept)
            now = self.hackathon.now()
            _set_seats(connection, slug, {(judge, team) for team, some in found.items() for judge in some}, now)
            _set_panel(connection, slug, seed=str(drawn))
            store.audit(connection, at=now, actor=by, action="assign", slug=slug, detail={"seed": str(drawn)})
            return found

    # --- judging ------------------------------------------------------------------------------------------------------

    def seats_of(self, judge: UserName, slug: str) -> list[Seat]:
        """The teams that a judge has, in the order of their numbers."""
        with self.database.reading() as connection:
            event = store.find_event(connection, slug)
            sheets = _sheets(connection, slug)
            return [
                Seat(
                    project,
                    sheets[judge, project.team],
                    judging.whole(event.record.judging.criteria, sheets[judge, project.team].marks),
                )
                for project in sorted(projects.projects_of(connection, slug), key=lambda project: project.team)
                if (judge, project.team) in sheets
            ]

    def mark(
        self, judge: UserName, slug: str, team: int, criterion: str, mark: str | None, comment: str | None
    ) -> None:
        """Keep a mark (None: as it is) and a comment (None: as it is) for one criterion, or a comment on the whole."""
        value = None if mark is None else judging.check_mark(mark)
        if comment is not None:
            comment = officials.written(comment, LONGEST_COMMENT, Text("의견", "The comment"), lines=True, least=0)
        with store.writing(self.database) as connection:
            event = store.find_event(connection, slug, lock=True)
            known = {one.name for one in event.record.judging.criteria} | ({OVERALL} if mark is None else set())
            if criterion not in known or not _has_seat(connection, judge, team, slug):
                raise NotFound(
                    ko="심사할 팀이나 항목이 아닙니다. 심사 목록을 새로 고치세요.",
                    en="This team or criterion is not yours to judge. Reload your list.",
                )
            self._check_open(connection, slug)
            now = self.hackathon.now()
            new = (
                {"at": now}
                | ({} if value is None else {"mark": value})
                | ({} if comment is None else {"comment": comment})
            )
            m = j.marks.c
            mine = and_(m.judge == judge, m.team == team, m.criterion == criterion)
            if not connection.execute(update(j.marks).where(mine).values(new)).rowcount:
                row = {"judge": str(judge), "team": team, "criterion": criterion, "mark": None, "comment": ""}
                connection.execute(insert(j.marks).values({**row, **new}))

    def close(self, by: UserName, slug: str) -> None:
        """End judging; refused while a team has fewer whole sheets than judges it should have."""
        with store.writing(self.database) as connection:
            event = store.find_event(connection, slug, lock=True)
            _check_judged(event)
            waiting = self._waiting(connection, event)
            if waiting:
                raise Conflict(
                    ko=f"아직 심사가 남은 팀이 있습니다: {', '.join(waiting[:10])}. 모두 매긴 뒤 마감하세요.",
                    en=f"Some teams are not judged yet: {', '.join(waiting[:10])}. Close when all are.",
                )
            self._check_impartial(connection, event)
            now = self.hackathon.now()
            _set_panel(connection, slug, closed_at=now)
            store.audit(connection, at=now, actor=by, action="close-judging", slug=slug, detail={})

    def reopen(self, by: UserName, slug: str) -> None:
        """Let judges change their marks again. What is published stays published."""
        with store.writing(self.database) as connection:
            store.find_event(connection, slug, lock=True)
            _set_panel(connection, slug, closed_at=None)
            store.audit(connection, at=self.hackathon.now(), actor=by, action="reopen-judging", slug=slug, detail={})

    def standing(self, slug: str) -> Standing:
        """How far the judges are, who has a conflict, which teams lack judges."""
        with self.database.reading() as connection:
            event = store.find_event(connection, slug)
            there = projects.projects_of(connection, slug)
            judges = officials.officials_of(connection, slug, "judge")
            barred = self.barred(connection, event, judges)
            names = {project.team: project.team_name for project in there}
            sheets = {pair: sheet for pair, sheet in _sheets(connection, slug).items() if pair[1] in names}
            criteria = event.record.judging.criteria
            whole = frozenset(pair for pair, sheet in sheets.items() if judging.whole(criteria, sheet.marks))
            lacking = wanting(names, judges, barred, event.record.judging.judges)
            panel = _panel(connection, slug)
        return Standing(tuple(there), tuple(judges), sheets, whole, barred, tuple(lacking), *panel)

    def _waiting(self, connection: Connection, event: Event) -> list[str]:
        sheets, rules = _sheets(connection, event.slug), event.record.judging
        names = []
        for project in projects.projects_of(connection, event.slug):
            done = [
                judging.whole(rules.criteria, sheet.marks)
                for (_, team), sheet in sheets.items()
                if team == project.team
            ]
            if not all(done) or len(done) < rules.judges:
                names.append(project.team_name)
        return names

    def _check_impartial(self, connection: Connection, event: Event) -> None:
        """A judge may have come into conflict since the draw, say by joining a team."""
        sheets = _sheets(connection, event.slug)
        barred = self.barred(connection, event, sorted({judge for judge, _ in sheets}))
        found = sorted({judge for judge, team in sheets if (judge, team) in barred})
        if found:
            raise Conflict(
                ko=f"배정한 뒤 이해 충돌이 생긴 심사위원이 있습니다: {', '.join(found)}. 다시 배정하세요.",
                en=f"Judges have come into conflict since the draw: {', '.join(found)}. Draw again.",
            )

    @staticmethod
    def _check_open(connection: Connection, slug: str) -> None:
        if _panel(connection, slug)[1] is not None:
            raise NotAllowed(
                ko="심사가 마감되어 점수를 바꿀 수 없습니다. 조직자에게 다시 열어 달라고 하세요.",
                en="Judging is closed and marks stay as they are. Ask the organiser to open it again.",
            )


def _check_judged(event: Event) -> None:
    if not event.record.judging.criteria:
        raise Conflict(
            ko="이 챌린지에는 심사 항목이 없습니다. judging에 항목을 정하세요.",
            en="This challenge has no criteria to judge by. Set some in judging.",
        )


def judged_of(connection: Connection, event: Event) -> dict[str, Fraction]:
    """What the judges gave each team with a project, 0 to 1, by the team's name; raise `Conflict` while they judge."""
    if _panel(connection, event.slug)[1] is None:
        raise Conflict(
            ko="심사가 아직 끝나지 않았습니다. 심사를 마감한 뒤 공개하세요.",
            en="Judging is not closed yet. Close it, then publish.",
        )
    sheets = _sheets(connection, event.slug)
    return {
        project.team_name: judging.judged_points(
            event.record.judging, [sheet.marks for (_, team), sheet in sheets.items() if team == project.team]
        )
        for project in projects.projects_of(connection, event.slug)
    }


def comments_for(hackathon: Hackathon, slug: str, team: int) -> list[Sheet]:
    """What judges wrote and gave, without their names: for the team, once the result is published."""
    with hackathon.database.reading() as connection:
        if not store.find_event(connection, slug).published:
            return []
        return [sheet for (_, number), sheet in _sheets(connection, slug).items() if number == team and sheet.marks]


def _sheets(connection: Connection, slug: str) -> dict[Pair, Sheet]:
    """The sheets of all seats that hold, empty ones too."""
    s, m = j.seats.c, j.marks.c
    held = select(s.judge, s.team).where(s.challenge == slug, s.active).order_by(s.judge, s.team)
    found = {(row.judge, row.team): Sheet({}, {}) for row in connection.execute(held)}
    of_challenge = select(j.marks).where(m.team.in_(select(s.team).where(s.challenge == slug)))
    for row in connection.execute(of_challenge).mappings():
        sheet = found.get((row["judge"], row["team"]))
        if sheet is None:
            continue  # the seat is somebody else's by now
        marks = {**sheet.marks, row["criterion"]: row["mark"]} if row["mark"] is not None else sheet.marks
        comments = {**sheet.comments, row["criterion"]: row["comment"]} if row["comment"] else sheet.comments
        found[row["judge"], row["team"]] = Sheet(marks, comments)
    return found


def _has_seat(connection: Connection, judge: str, team: int, slug: str) -> bool:
    s = j.seats.c
    mine = select(s.team).where(s.judge == judge, s.team == team, s.challenge == slug, s.active)
    return connection.execute(mine).first() is not None


def _set_seats(connection: Connection, slug: str, wanted: set[Pair], now: datetime) -> None:
    s = j.seats.c
    there = {
        (row.judge, row.team): row.active
        for row in connection.execute(select(s.judge, s.team, s.active).where(s.challenge == slug))
    }
    for judge, team in sorted(there.keys() | wanted):
        active = (judge, team) in wanted
        if (judge, team) not in there:
            row = {"judge": judge, "team": team, "challenge": slug, "active": True, "at": now}
            connection.execute(insert(j.seats).values(row))
        elif there[judge, team] != active:
            mine = update(j.seats).where(s.judge == judge, s.team == team)
            connection.execute(mine.values(active=active, at=now))


def _panel(connection: Connection, slug: str) -> tuple[str, datetime | None]:
    """The seed of the last draw (empty: none yet), and when judging was closed."""
    row = connection.execute(select(j.panels).where(j.panels.c.challenge == slug)).mappings().one_or_none()
    return (row["seed"], row["closed_at"]) if row else ("", None)


def _set_panel(connection: Connection, slug: str, **values: object) -> None:
    mine = update(j.panels).where(j.panels.c.challenge == slug)
    if not connection.execute(mine.values(**values)).rowcount:
        connection.execute(insert(j.panels).values({"challenge": slug, "seed": "", **values}))
