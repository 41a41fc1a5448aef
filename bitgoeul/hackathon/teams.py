"""Who may form a team with whom. Pure; what is refused is told with its reason."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bitgoeul.errors import Conflict, NotAllowed
from bitgoeul.hackathon.model import Team

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another on a whiteboard


def new_code() -> str:
    """Eight letters with which a team is joined: 40 bits, and tries are counted by the throttle in front of us."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


def plain_code(text: str) -> str:
    """A code as somebody typed it."""
    return text.strip().replace("-", "").replace(" ", "").upper()


@dataclass(frozen=True)
class Side:
    """One of two teams that want to be one."""

    members: int
    used: int


def check_open(team: Team, *, now: datetime, end: datetime) -> None:
    """Raise `NotAllowed` when teams cannot change any more."""
    closes = end - timedelta(minutes=team.closes_minutes)
    if now >= closes:
        raise NotAllowed(
            ko=f"팀은 마감 {team.closes_minutes}분 전까지만 바꿀 수 있습니다. 지금 팀 그대로 참가하세요.",
            en=f"Teams may change until {team.closes_minutes} minutes before the end. Go on with the team that you have.",
        )


def check_join(team: Team, members: int, *, has_team: bool, now: datetime, end: datetime) -> None:
    """Raise unless a person may join a team of so many."""
    check_open(team, now=now, end=end)
    if has_team:
        raise Conflict(
            ko="이 챌린지에서 이미 다른 팀에 들어 있습니다. 한 사람은 한 팀에만 들어갈 수 있습니다.",
            en="You are in a team of this challenge already. One person has one team.",
        )
    check_size(team, members + 1)


def check_size(team: Team, members: int) -> None:
    """Raise `Conflict` for a team that is too large."""
    if members > team.largest:
        raise Conflict(
            ko=f"팀은 {team.largest}명까지인데 {members}명이 됩니다.",
            en=f"A team has {team.largest} members at most; this would make {members}.",
        )


def check_complete(team: Team, members: int) -> None:
    """Raise `NotAllowed` for a team that is too small to submit."""
    if members < team.smallest:
        raise NotAllowed(
            ko=f"팀은 {team.smallest}명부터인데 지금 {members}명입니다. 코드를 나누어 팀을 채운 뒤 내세요.",
            en=f"A team has at least {team.smallest} members; yours has {members}. Share its code, then submit.",
        )


def check_merge(team: Team, one: Side, other: Side, *, allowed: int, now: datetime, end: datetime) -> None:
    """Raise unless two teams may become one. `allowed` is what one team could have submitted until now."""
    check_open(team, now=now, end=end)
    check_size(team, one.members + other.members)
    if one.used + other.used > allowed:
        raise Conflict(
            ko=f"두 팀이 낸 것을 더하면 {one.used + other.used}번인데 한 팀은 지금까지 {allowed}번까지 낼 수 있었습니다. 나중에 다시 해 보세요.",
            en=f"Together the teams submitted {one.used + other.used} times; one team could have until now {allowed} times. Try again later.",
        )
