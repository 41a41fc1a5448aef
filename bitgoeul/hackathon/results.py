"""What is published: the private board, with the judges' part where the challenge has one, and who was in each team."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from bitgoeul.hackathon import judging, panel, ranking, store
from bitgoeul.hackathon import tables as t
from bitgoeul.hackathon.boards import plain
from bitgoeul.hackathon.store import Event


def result_rows(connection: Connection, event: Event) -> list[dict[str, Any]]:
    """The rows of a snapshot as of now. Where judges have a share, raise `Conflict` until judging is closed.

    A rank takes a scored submission: a team with a project alone is in the gallery, but not in the ranking.
    """
    board = ranking.private_board(store.entries(connection, event), event.order, event.record.finals)
    members = _members(connection, event.slug)
    rules = event.record.judging
    if not rules.share:
        return [{**plain(row), "members": members.get(row.team, [])} for row in board]
    lines = judging.mixed(board, event.record.metric.direction, rules, panel.judged_of(connection, event))
    return [{**plain(line.row), **line.plain(), "members": members.get(line.row.team, [])} for line in lines]


def _members(connection: Connection, slug: str) -> dict[str, list[str]]:
    m = t.members.c
    query = select(t.teams.c.name, m.user_name).join_from(t.members, t.teams, t.teams.c.id == m.team)
    found: dict[str, list[str]] = {}
    for row in connection.execute(query.where(m.challenge == slug).order_by(m.joined_at, m.user_name)):
        found.setdefault(row.name, []).append(row.user_name)
    return found
