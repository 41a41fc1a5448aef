"""What a participant may ask of a hackathon. Organisers' acts are in `organising`, boards in `boards`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from bitgoeul.blobs import BlobStore, BlobWriter
from bitgoeul.database import Database
from bitgoeul.errors import Conflict, InputError, NotAllowed, NotFound, QuotaSpent, TooLarge, shorten
from bitgoeul.hackathon import ranking, rules, store, teams
from bitgoeul.hackathon import tables as t
from bitgoeul.hackathon.boards import Boards
from bitgoeul.hackathon.store import Event, Slot
from bitgoeul.names import UserName
from bitgoeul.wire import stamp


@dataclass(frozen=True)
class Said:
    """What an upload announces: nothing of it can change later."""

    key: str
    sha256: str
    size: int
    file_name: str


class Hackathon:
    """The open challenges. `now` is the database's clock."""

    def __init__(self, database: Database, blobs: BlobStore, *, now: Callable[[], datetime] | None = None) -> None:
        self.database, self.blobs = database, blobs
        self.now = now or database.now
        self.boards = Boards(database, self.now)
        self.ring: Callable[[], None] = lambda: None

    def event(self, slug: str) -> Event:
        """An open challenge; raise `NotFound`."""
        with self.database.reading() as connection:
            return store.find_event(connection, slug)

    def any_open(self) -> bool:
        """Whether any challenge was opened."""
        with self.database.reading() as connection:
            return bool(store.event_slugs(connection))

    # --- teams --------------------------------------------------------------------------------------------------------

    def create_team(self, user: UserName, slug: str, name: str) -> dict[str, Any]:
        """Make a team and be its captain."""
        name = " ".join(name.split())
        if not 1 <= len(name) <= 60 or not name.isprintable():
            raise InputError(
                ko=f"팀 이름은 1~60자인데 {shorten(name)}을(를) 받았습니다.",
                en=f"A team's name has 1 to 60 letters; found {shorten(name)}.",
            )

        def write(connection: Connection, event: Event, now: datetime) -> int:
            taken = store.team_of(connection, slug, user) is not None
            teams.check_join(event.record.team, 0, has_team=taken, now=now, end=event.end)
            row = {"challenge": slug, "name": name, "code": teams.new_code(), "captain": user, "made_at": now}
            made = connection.execute(insert(t.teams).values(row)).inserted_primary_key
            return self._join(connection, slug, user, int(made[0]) if made else 0, now)

        return self._changing_teams(user, slug, write)

    def join_team(self, user: UserName, slug: str, code: str) -> dict[str, Any]:
        """Join by code."""

        def write(connection: Connection, event: Event, now: datetime) -> int:
            asked = and_(t.teams.c.challenge == slug, t.teams.c.code == teams.plain_code(code))
            team = connection.execute(select(t.teams).where(asked).with_for_update()).mappings().one_or_none()
            if team is None or team["merged_into"] is not None:
                raise NotFound(
                    ko="그런 팀 코드가 없습니다. 팀장에게 코드를 다시 물어보세요.",
                    en="There is no team with this code. Ask its captain for the code again.",
                )
            taken = store.team_of(connection, slug, user) is not None
            size = len(store.members_of(connection, team["id"]))
            teams.check_join(event.record.team, size, has_team=taken, now=now, end=event.end)
            return self._join(connection, slug, user, team["id"], now)

        return self._changing_teams(user, slug, write)

    def merge_teams(self, user: UserName, slug: str, code: str) -> dict[str, Any]:
        """A captain takes another team in, by its code: all that both have submitted counts for the one."""

        def write(connection: Connection, event: Event, now: datetime) -> int:
            mine = self._my_team(connection, slug, user)
            asked = and_(t.teams.c.challenge == slug, t.teams.c.code == teams.plain_code(code))
            other = connection.execute(select(t.teams).where(asked).with_for_update()).mappings().one_or_none()
            if (
                other is None
                or other["merged_into"] is not None
                or other["id"] == mine["id"]
                or mine["captain"] != user
            ):
                raise NotAllowed(
                    ko="팀장만, 다른 팀의 코드로 합칠 수 있습니다. 코드와 팀장을 확인하세요.",
                    en="A captain merges by another team's code. Check the code and who is captain.",
                )
            sides = [
                teams.Side(len(store.members_of(connection, team)), store.used_in_all(connection, team))
                for team in (mine["id"], other["id"])
            ]
            quota, zone = event.record.quota, ZoneInfo(event.record.zone)
            periods = rules.periods_elapsed(event.start, now, hours=quota.hours, zone=zone)
            teams.check_merge(event.record.team, *sides, allowed=quota.scored * periods, now=now, end=event.end)
            store.merge(connection, mine["id"], other["id"])
            detail = {"into": mine["id"], "from": other["id"]}
            store.audit(connection, at=now, actor=user, action="merge", slug=slug, detail=detail)
            store.touch(connection, slug)
            return int(mine["id"])

        return self._changing_teams(user, slug, write)

    def name_captain(self, user: UserName, slug: str, member: str) -> dict[str, Any]:
        """A captain hands the team to another of its members."""

        def write(connection: Connection, event: Event, now: datetime) -> int:
            mine = self._my_team(connection, slug, user)
            if mine["captain"] != user or member not in store.members_of(connection, mine["id"]):
                raise NotAllowed(
                    ko="팀장만, 같은 팀 사람에게 팀장을 넘길 수 있습니다. 팀원 가운데에서 고르세요.",
                    en="The captain names another member of the team as captain. Choose one of them.",
                )
            connection.execute(update(t.teams).where(t.teams.c.id == mine["id"]).values(captain=member))
            detail = {"team": mine["id"], "captain": member}
            store.audit(connection, at=now, actor=user, action="captain", slug=slug, detail=detail)
            return int(mine["id"])

        return self._changing_teams(user, slug, write)

    def _changing_teams(
        self, user: UserName, slug: str, write: Callable[[Connection, Event, datetime], int]
    ) -> dict[str, Any]:
        try:
            with store.writing(self.database) as connection:
                team = write(connection, store.find_event(connection, slug), self.now())
                return _team(connection, team, user)
        except IntegrityError:
            raise Conflict(
                ko="같은 이름의 팀이 이미 있거나, 방금 다른 팀에 들어갔습니다. 다른 이름을 쓰거나 새로 고치세요.",
                en="There is a team of this name, or you have just joined another. Take another name, or reload.",
            ) from None

    @staticmethod
    def _join(connection: Connection, slug: str, user: str, team: int, now: datetime) -> int:
        connection.execute(insert(t.members).values(challenge=slug, user_name=user, team=team, joined_at=now))
        return team

    @staticmethod
    def _my_team(connection: Connection, slug: str, user: str) -> RowMapping:
        found = store.team_of(connection, slug, user)
        if found is None:
            raise NotAllowed(
                ko="아직 팀이 없습니다. 팀을 만들거나 코드로 들어간 뒤 내세요.",
                en="You have no team yet. Make one or join by code, then submit.",
            )
        return found

    def team(self, user: UserName, slug: str) -> dict[str, Any] | None:
        """One's own team, with its code; None without one."""
        with self.database.reading() as connection:
            found = store.team_of(connection, slug, user)
            return None if found is None else _team(connection, found["id"], user)

    def teams_with(self, slug: str, users: Iterable[str]) -> set[str]:
        """The names of the teams in which any of these people is."""
        with self.database.reading() as connection:
            return store.teams_with(connection, slug, users)

    # --- submissions --------------------------------------------------------------------------------------------------

    def announce(self, user: UserName, slug: str, said: Said, received_at: datetime) -> dict[str, Any]:
        """Take an announcement: from here its time counts, and it stands on the quota. Again with one key: the same."""
        with store.writing(self.database) as connection:
            mine = and_(t.submissions.c.user_name == user, t.submissions.c.idempotency_key == said.key)
            before = connection.execute(select(t.submissions).where(mine)).mappings().one_or_none()
            if before is not None:
                if (before["challenge"], before["sha256"], before["size"]) != (slug, said.sha256, said.size):
                    raise Conflict(
                        ko="같은 Idempotency-Key로 다른 파일을 이미 알렸습니다. 새 제출에는 새 키를 쓰세요.",
                        en="This Idempotency-Key stands for another file already. Use a new key for a new submission.",
                    )
                return self._told(connection, store.find_event(connection, slug), before)
            event = store.find_event(connection, slug)
            team = self._my_team(connection, slug, user)
            teams.check_complete(event.record.team, len(store.members_of(connection, team["id"])))
            _check_size(event, said.size)
            row = self._new(connection, event, team["id"], user, said, received_at)
            made = connection.execute(insert(t.submissions).values(row)).inserted_primary_key
            s = t.submissions.c.sequence
            found = connection.execute(select(t.submissions).where(s == (made[0] if made else 0))).mappings().one()
            return self._told(connection, event, found)

    def _new(
        self, connection: Connection, event: Event, team: int, user: str, said: Said, received_at: datetime
    ) -> dict[str, Any]:
        phase = rules.window_at(received_at, event.record.phases)
        if phase is None and received_at < event.end:
            raise NotAllowed(
                ko=f"아직 열리지 않았습니다. 지금은 {stamp(received_at)}입니다. 시작을 기다리세요.",
                en=f"It is not open yet; it is {stamp(received_at)} now. Wait for the start.",
            )
        period = rules.period_of(received_at, hours=event.record.quota.hours, zone=ZoneInfo(event.record.zone))
        if phase is not None:
            self._take(connection, event, Slot(team, phase.name, period.key), period)
        return {
            "id": str(uuid.uuid4()),
            "challenge": event.slug,
            "team": team,
            "user_name": str(user),
            "idempotency_key": said.key,
            "file_name": said.file_name[:100],
            "sha256": said.sha256,
            "size": said.size,
            "phase": phase.name if phase else "",
            "period": period.key,
            "received_at": received_at,
            "state": "receiving",
            "state_at": received_at,
            "attempt": 0,
            "failures": 0,
        }

    @staticmethod
    def _take(connection: Connection, event: Event, slot: Slot, period: rules.Period) -> None:
        """Stand on the quota, or raise; `>=` is spent, so a limit lowered below what is used blocks."""
        quota = event.record.quota
        spent = slot.take(connection, "scored", quota.scored) is None
        if spent or not rules.may_take(slot.used(connection, "invalid"), quota.invalid):
            raise QuotaSpent(
                ko=f"이번 시간대의 제출 {quota.scored}번(읽을 수 없는 파일은 {quota.invalid}번)을 다 썼습니다. 다음은 {stamp(period.next_at)}부터입니다.",
                en=f"This period's {quota.scored} submissions ({quota.invalid} unreadable files) are used. The next begins at {stamp(period.next_at)}.",
            )
        if not rules.may_take(store.waiting_of(connection, slot.team), quota.waiting):
            raise QuotaSpent(
                ko=f"한 팀은 한 번에 {quota.waiting}개까지 기다릴 수 있습니다. 앞의 것이 끝난 뒤에 내세요.",
                en=f"A team has {quota.waiting} submissions waiting at most. Submit when one of them is over.",
            )

    def receive(self, user: UserName, submission: str, body: BlobWriter) -> dict[str, Any]:
        """The body of an announced submission has come; durable before it is told."""
        row = self._mine(user, submission)
        if (body.sha256, body.size) != (row["sha256"], row["size"]):
            raise InputError(
                ko=f"받은 내용이 알린 것과 다릅니다(SHA-256 {row['sha256'][:12]}…, 받은 것 {body.sha256[:12]}…). 같은 파일을 다시 보내세요.",
                en=f"What arrived is not what was announced (SHA-256 {row['sha256'][:12]}…, found {body.sha256[:12]}…). Send that file again.",
            )
        body.keep()
        with store.writing(self.database) as connection:
            asked = select(t.submissions).where(t.submissions.c.id == submission).with_for_update()
            row = connection.execute(asked).mappings().one()
            event, now = store.find_event(connection, row["challenge"]), self.now()
            if row["state"] == "receiving":
                self._arrived(connection, row, event, now)
            row = connection.execute(select(t.submissions).where(t.submissions.c.id == submission)).mappings().one()
            told = self._told(connection, event, row)
        self.ring()
        return told

    @staticmethod
    def _arrived(connection: Connection, row: RowMapping, event: Event, now: datetime) -> None:
        work = store.work_of(row)
        if now > rules.upload_ends(row["received_at"], row["size"]):
            store.set_state(connection, row, rules.moved(work, "expired"), now)
        elif row["phase"]:
            store.set_state(connection, row, rules.moved(work, "received"), now, stored_at=now)
        else:
            store.set_state(connection, row, rules.moved(work, "late"), now, stored_at=now)

    def submission(self, user: UserName, submission: str) -> dict[str, Any]:
        """One of one's team's submissions."""
        row = self._mine(user, submission)
        with self.database.reading() as connection:
            return self._told(connection, store.find_event(connection, row["challenge"]), row)

    def _mine(self, user: UserName, submission: str) -> RowMapping:
        with self.database.reading() as connection:
            row = (
                connection.execute(select(t.submissions).where(t.submissions.c.id == submission))
                .mappings()
                .one_or_none()
            )
            team = store.team_of(connection, row["challenge"], user) if row else None
        if row is None or team is None or team["id"] != row["team"]:
            raise NotFound(ko="그런 제출이 없습니다.", en="There is no such submission.")
        return row

    def submissions(self, user: UserName, slug: str) -> list[dict[str, Any]]:
        """All submissions of one's team, newest first: own results show whatever is frozen."""
        with self.database.reading() as connection:
            event = store.find_event(connection, slug)
            team = self._my_team(connection, slug, user)
            query = select(t.submissions).where(t.submissions.c.team == team["id"])
            rows = connection.execute(query.order_by(t.submissions.c.sequence.desc())).mappings().all()
            left = self._left(connection, event, team["id"])
            return [self._told(connection, event, row, left) for row in rows]

    def _told(
        self, connection: Connection, event: Event, row: RowMapping, left: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """A submission as its team sees it: never a private score before publication, never a scorer's words."""
        sc = t.scores.c
        asked = select(t.scores).where(sc.submission == row["sequence"], sc.version == event.version)
        score = connection.execute(asked).mappings().one_or_none()
        names = ("id", "sequence", "file_name", "sha256", "size", "phase", "state", "faults")
        found = {name: row[name] for name in names} | {"user": row["user_name"]}
        found |= {name: stamp(row[name]) if row[name] else None for name in ("received_at", "stored_at")}
        found["flags"] = sorted(store.flags_of(connection, row["sequence"]))
        if score is not None:
            found["public"] = str(ranking.shown(score["public"], event.digits))
            found["error"] = str(ranking.shown(score["public_error"], event.digits + 1))
            if event.published:
                found["private"] = str(ranking.shown(score["private"], event.private_digits))
        return {**found, **(left or self._left(connection, event, row["team"]))}

    def attempts(self, user: UserName, slug: str) -> dict[str, Any]:
        """How many attempts one's team has left now (`remaining`), and when the next come (`next_at`)."""
        with self.database.reading() as connection:
            event = store.find_event(connection, slug)
            return self._left(connection, event, self._my_team(connection, slug, user)["id"])

    def _left(self, connection: Connection, event: Event, team: int) -> dict[str, Any]:
        """How many attempts are left now, and when the next come."""
        now, quota = self.now(), event.record.quota
        phase = rules.window_at(now, event.record.phases)
        period = rules.period_of(now, hours=quota.hours, zone=ZoneInfo(event.record.zone))
        if phase is None:
            return {"remaining": 0, "next_at": None}
        used = Slot(team, phase.name, period.key).used(connection, "scored")
        return {"remaining": max(0, quota.scored - used), "next_at": stamp(period.next_at)}

    def select_final(self, user: UserName, submission: str, *, chosen: bool) -> dict[str, Any]:
        """Choose a submission for the end, or take the choice back; one too many is refused here and now."""
        row = self._mine(user, submission)
        with store.writing(self.database) as connection:
            event, now = store.find_event(connection, row["challenge"], lock=True), self.now()
            _, flags = store.flags_now(connection, event.slug)
            own = select(t.submissions.c.sequence).where(t.submissions.c.team == row["team"])
            mine = set(connection.execute(own).scalars()) & {n for n, some in flags.items() if "selected" in some}
            others = len(mine - {row["sequence"]})
            allowed = now < event.end and (
                not chosen or ranking.may_select(others, event.record.finals, now=now, end=event.end)
            )
            if not allowed or row["state"] != "scored":
                raise Conflict(
                    ko=f"마감 전에, 점수가 나온 제출을 {event.record.finals}개까지 고를 수 있습니다. 먼저 다른 선택을 푸세요.",
                    en=f"Before the end, {event.record.finals} scored submissions may be selected. Take another selection back first.",
                )
            store.flag(
                connection, event.slug, flag="selected", raised=chosen, at=now, by=user, submission=row["sequence"]
            )
            store.touch(connection, event.slug)
            return self._told(connection, event, row)


def _check_size(event: Event, size: int) -> None:
    most = event.record.compute.upload_mb * 1_000_000
    if not 0 < size <= most:
        raise TooLarge(
            ko=f"파일은 1바이트에서 {most:,}바이트까지인데 {size:,}바이트를 알렸습니다. 자릿수를 줄이세요.",
            en=f"A file has 1 to {most:,} bytes; {size:,} were announced. Write fewer digits.",
        )


def _team(connection: Connection, team: int, user: str) -> dict[str, Any]:
    row = connection.execute(select(t.teams).where(t.teams.c.id == team)).mappings().one()
    members = store.members_of(connection, team)
    return {
        "name": row["name"],
        "captain": row["captain"],
        "members": members,
        "code": row["code"] if user in members else "",
    }
