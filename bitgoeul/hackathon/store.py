"""Rows of hackathons. Whatever changes a submission's state changes its counter in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, insert, select, text, update
from sqlalchemy.exc import OperationalError

from bitgoeul.database import Database, busy
from bitgoeul.errors import NotFound, shorten
from bitgoeul.hackathon import rules
from bitgoeul.hackathon import tables as t
from bitgoeul.hackathon.model import Record
from bitgoeul.hackathon.ranking import Entry, Order
from bitgoeul.hackathon.scoring import Scores


@dataclass(frozen=True)
class Event:
    """An opened challenge. `seed` and `answers` never leave the service."""

    slug: str
    record: Record
    seed: str
    answers: str
    files: dict[str, Any]
    digits: int
    private_digits: int
    version: int
    preview: int
    change: int
    published: int

    @property
    def start(self) -> datetime:
        """The first phase's start."""
        return self.record.phases[0].start

    @property
    def end(self) -> datetime:
        """The last phase's end."""
        return self.record.phases[-1].end

    @property
    def order(self) -> Order:
        """How its scores are compared."""
        return Order(self.record.metric.direction, self.digits, self.private_digits, self.record.tie)

    def as_of(self, now: datetime) -> datetime | None:
        """Up to which moment of receipt others may see results; see `rules.as_of`."""
        minutes, done = self.record.freeze_minutes, self.published > 0
        return rules.as_of(now, end=self.end, freeze_minutes=minutes, published=done)


@contextmanager
def writing(database: Database) -> Iterator[Connection]:
    """A transaction that may write; a database that does not answer is told as such."""
    try:
        with database.writing() as connection:
            yield connection
    except OperationalError as error:
        raise busy() from error


def find_event(connection: Connection, slug: str, *, lock: bool = False) -> Event:
    """The opened challenge; raise `NotFound`. With `lock`, others that write it wait."""
    query = select(t.challenges).where(t.challenges.c.slug == slug)
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise no_event(slug)
    names = Event.__dataclass_fields__.keys() - {"record"}
    return Event(record=Record.model_validate(row["record"]), **{name: row[name] for name in names})


def no_event(slug: str) -> NotFound:
    """The one sentence for a challenge that is not open."""
    return NotFound(
        ko=f"열린 챌린지 {shorten(slug)}이(가) 없습니다. 목록에서 이름을 확인하세요.",
        en=f"No challenge {shorten(slug)} is open. Look at the list for its name.",
    )


def event_slugs(connection: Connection) -> list[str]:
    """Every opened challenge."""
    return list(connection.execute(select(t.challenges.c.slug).order_by(t.challenges.c.slug)).scalars())


def touch(connection: Connection, slug: str) -> None:
    """Say that a board could show something else now."""
    row = t.challenges.c
    connection.execute(update(t.challenges).where(row.slug == slug).values(change=row.change + 1))


def audit(connection: Connection, *, at: datetime, actor: str, action: str, slug: str, detail: dict[str, Any]) -> None:
    """Note who did what."""
    row = {"at": at, "actor": actor, "action": action, "challenge": slug, "detail": detail}
    connection.execute(insert(t.audit).values(row))


# --- teams ------------------------------------------------------------------------------------------------------------


def team_of(connection: Connection, slug: str, user: str) -> RowMapping | None:
    """The team that a person is in."""
    mine = and_(t.members.c.challenge == slug, t.members.c.user_name == user)
    query = select(t.teams).join_from(t.teams, t.members, t.members.c.team == t.teams.c.id).where(mine)
    return connection.execute(query).mappings().one_or_none()


def teams_with(connection: Connection, slug: str, users: Iterable[str]) -> set[str]:
    """The names of the teams in which any of these people is."""
    mine = and_(t.members.c.challenge == slug, t.members.c.user_name.in_(list(users)))
    query = select(t.teams.c.name).join_from(t.teams, t.members, t.members.c.team == t.teams.c.id).where(mine)
    return set(connection.execute(query).scalars())


def members_of(connection: Connection, team: int) -> list[str]:
    """The people of a team."""
    query = select(t.members.c.user_name).where(t.members.c.team == team).order_by(t.members.c.joined_at)
    return list(connection.execute(query).scalars())


# --- the quota --------------------------------------------------------------------------------------------------------

_ENSURE = text(
    "insert into hackathon_counters (team, phase, period, charge, used) values (:team, :phase, :period, :charge, 0)"
    " on conflict do nothing"
)
_TAKE = text(
    "update hackathon_counters set used = used + :more where team = :team and phase = :phase and period = :period"
    " and charge = :charge and used < :limit returning used"
)
NO_LIMIT = 2**31 - 1


@dataclass(frozen=True)
class Slot:
    """One counter: a team's in one period of one phase."""

    team: int
    phase: str
    period: str

    def take(self, connection: Connection, charge: str, limit: int) -> int | None:
        """Count one more, if fewer than the limit are counted; how many there are now, else None.

        One statement, which locks the row: of fifty at the same moment as many pass as the limit allows.
        """
        key = {"team": self.team, "phase": self.phase, "period": self.period, "charge": charge}
        connection.execute(_ENSURE, key)
        found: int | None = connection.execute(_TAKE, {**key, "more": 1, "limit": limit}).scalar()
        return found

    def give_back(self, connection: Connection, charge: str) -> None:
        """Count one less."""
        key = {"team": self.team, "phase": self.phase, "period": self.period, "charge": charge}
        connection.execute(_TAKE, {**key, "more": -1, "limit": NO_LIMIT})

    def used(self, connection: Connection, charge: str) -> int:
        """How many are counted."""
        c = t.counters.c
        mine = and_(c.team == self.team, c.phase == self.phase, c.period == self.period, c.charge == charge)
        return int(connection.execute(select(c.used).where(mine)).scalar() or 0)


def used_in_all(connection: Connection, team: int) -> int:
    """What a team has submitted, over all periods."""
    c = t.counters.c
    query = select(func.sum(c.used)).where(c.team == team, c.charge == "scored")
    return int(connection.execute(query).scalar() or 0)


def waiting_of(connection: Connection, team: int) -> int:
    """How many submissions of a team are not over yet."""
    s = t.submissions.c
    query = select(func.count()).where(s.team == team, s.state.in_(("receiving", "received", "running")))
    return int(connection.execute(query).scalar_one())


def set_state(connection: Connection, row: RowMapping, work: rules.Work, now: datetime, **more: Any) -> None:
    """Write a submission's new state, and move it between the counters of its quota."""
    before, after = rules.charge(row["state"]), rules.charge(work.state)
    if before != after and row["phase"]:
        slot = Slot(row["team"], row["phase"], row["period"])
        if before:
            slot.give_back(connection, before)
        if after:
            slot.take(connection, after, NO_LIMIT)
    values = {
        "state": work.state,
        "attempt": work.attempt,
        "failures": work.failures,
        "leased_until": work.leased_until,
        "state_at": now,
        **more,
    }
    connection.execute(update(t.submissions).where(t.submissions.c.sequence == row["sequence"]).values(values))


def work_of(row: RowMapping) -> rules.Work:
    """What decides about a submission's next step."""
    return rules.Work(row["state"], row["attempt"], row["failures"], row["leased_until"])


# --- what boards are made of ------------------------------------------------------------------------------------------


def flags_now(connection: Connection, slug: str) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """The flags that stand, by team and by submission: of each the last word counts."""
    teams: dict[int, set[str]] = {}
    submissions: dict[int, set[str]] = {}
    f = t.flags.c
    for row in connection.execute(select(t.flags).where(f.challenge == slug).order_by(f.id)).mappings():
        of_team = row["submission"] is None
        flags = (teams if of_team else submissions).setdefault(row["team"] if of_team else row["submission"], set())
        (flags.add if row["raised"] else flags.discard)(row["flag"])
    return teams, submissions


def flags_of(connection: Connection, sequence: int) -> set[str]:
    """The flags that stand on one submission."""
    flags: set[str] = set()
    f = t.flags.c
    for row in connection.execute(select(f.flag, f.raised).where(f.submission == sequence).order_by(f.id)):
        (flags.add if row.raised else flags.discard)(row.flag)
    return flags


def entries(connection: Connection, event: Event) -> list[Entry]:
    """Every scored submission with the score that counts."""
    return _entries(connection, event, _scored(event))


def best_entries(connection: Connection, event: Event, as_of: datetime | None) -> tuple[list[Entry], dict[str, int]]:
    """Of each team the submissions that may hold its public place (its best, and what is shown as equal), and how many
    it has: the board of 100,000 submissions is made from a few thousand rows.
    """
    _, flagged = flags_now(connection, event.slug)
    out = [sequence for sequence, flags in flagged.items() if flags & {"hidden", "disqualified"}]
    s, sc, tm = t.submissions.c, t.scores.c, t.teams.c
    counted = [*_scored(event), s.sequence.not_in(out), *([s.received_at < as_of] if as_of else [])]
    of_score = and_(sc.submission == s.sequence, sc.version == event.version)
    best = func.max(sc.public) if event.order.better == "higher" else func.min(sc.public)
    query = select(s.team, tm.name, best.label("best"), func.count().label("number"))
    query = query.join_from(t.submissions, t.scores, of_score).join(t.teams, tm.id == s.team)
    tops = query.where(*counted).group_by(s.team, tm.name).subquery()
    near = 10.0**-event.digits
    close = select(s.sequence).join_from(t.submissions, t.scores, of_score).join(tops, tops.c.team == s.team)
    close = close.where(*counted, sc.public.between(tops.c.best - near, tops.c.best + near))
    numbers = {row.name: row.number for row in connection.execute(select(tops))}
    return _entries(connection, event, [s.sequence.in_(close)]), numbers


def _scored(event: Event) -> list[ColumnElement[bool]]:
    return [t.submissions.c.challenge == event.slug, t.submissions.c.state == "scored"]


def _entries(connection: Connection, event: Event, which: Sequence[ColumnElement[bool]]) -> list[Entry]:
    teams, submissions = flags_now(connection, event.slug)
    s, sc, tm = t.submissions.c, t.scores.c, t.teams.c
    query = (
        select(s.sequence, s.team, s.received_at, tm.name, sc.public, sc.private, sc.public_error, sc.private_error)
        .join_from(t.submissions, t.scores, and_(sc.submission == s.sequence, sc.version == event.version))
        .join(t.teams, tm.id == s.team)
        .where(*which)
    )
    found = []
    for row in connection.execute(query):
        flags: Any = frozenset(teams.get(row.team, set()) | submissions.get(row.sequence, set()))
        scores = row.public, row.private, flags, row.public_error, row.private_error
        found.append(Entry(row.sequence, row.name, row.received_at, "scored", *scores))
    return found


def flag(
    connection: Connection,
    slug: str,
    *,
    flag: str,
    raised: bool,
    at: datetime,
    by: str,
    team: int | None = None,
    submission: int | None = None,
    reason: str = "",
) -> None:
    """Raise or lower a flag; its history stays."""
    row = {"challenge": slug, "team": team, "submission": submission, "flag": flag, "raised": raised}
    connection.execute(insert(t.flags).values({**row, "at": at, "by": by, "reason": reason}))


def merge(connection: Connection, into: int, other: int) -> None:
    """Move everything of one team to another: members, submissions, and what is counted."""
    for table in (t.members, t.submissions):
        connection.execute(update(table).where(table.c.team == other).values(team=into))
    c = t.counters.c
    for row in connection.execute(select(t.counters).where(c.team == other)).mappings().all():
        key = {"team": into, "phase": row["phase"], "period": row["period"], "charge": row["charge"]}
        connection.execute(_ENSURE, key)
        connection.execute(_TAKE, {**key, "more": row["used"], "limit": NO_LIMIT})
    connection.execute(update(t.teams).where(t.teams.c.id == other).values(merged_into=into))


def add_score(connection: Connection, sequence: int, version: int, found: Scores, now: datetime) -> None:
    """Keep a score; a second one of the same version cannot be kept."""
    row = {"submission": sequence, "version": version, "made_at": now}
    row |= {"public": found.public.value, "public_error": found.public.error}
    row |= {"private": found.private.value, "private_error": found.private.error}
    connection.execute(insert(t.scores).values(row))
