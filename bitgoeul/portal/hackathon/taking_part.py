"""A participant's page of one challenge: the clock, the team, the way in, and what became of what was submitted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from bitgoeul.errors import Text
from bitgoeul.hackathon.rules import OVER
from bitgoeul.portal.hackathon import words
from bitgoeul.portal.hackathon.chart import chart
from bitgoeul.portal.hackathon.place import AT, Place, ThePlace
from bitgoeul.portal.hackathon.prose import html
from bitgoeul.web.auth import authority_of
from bitgoeul.wire import moment

router = APIRouter(prefix=AT)
SOON = timedelta(hours=1)
Look = Literal["calm", "soon", "frozen", "ended"]


@dataclass(frozen=True)
class Countdown:
    """What the page counts down to, and how the clock looks. Only the server says when it looks otherwise."""

    words: Text
    until: datetime | None
    look: Look


def countdown(place: Place) -> Countdown:
    """The next moment that matters to everybody: the start, a phase's start, the end."""
    event, now = place.event, place.now
    if now >= event.end:
        return Countdown(Text("끝났습니다", "It is over"), None, "ended")
    following = next((phase for phase in event.record.phases if now < phase.start), None)
    if following is not None and not place.running:
        return Countdown(Text("시작까지", "Until the start"), following.start, "calm")
    if event.as_of(now) is not None:
        return Countdown(Text("마감까지 · 순위표 동결", "Until the end · board frozen"), event.end, "frozen")
    look: Look = "soon" if event.end - now <= SOON else "calm"
    return Countdown(Text("마감까지", "Until the end"), event.end, look)


@router.get("")
def page(request: Request, place: ThePlace) -> Response:
    """The whole page."""
    event, w = place.event, place.w
    begun = place.now >= event.start
    return place.page(
        request,
        "hackathon/part.html",
        **_live(place),
        text=html(w.say(event.record.text.text)),
        rules=[(w.say(name), w.say(sentence)) for name, sentence in words.rules_of(event)],
        files={name: kept["size"] for name, kept in sorted(event.files.items())} if begun else {},
        lab=_lab_link(request, place),
        key=str(uuid.uuid4()),
    )


@router.get("/live")
def live(request: Request, place: ThePlace) -> Response:
    """The part of it that changes by itself."""
    return place.page(request, "hackathon/part_live.html", **_live(place))


def _live(place: Place) -> dict[str, Any]:
    """What was submitted, what it scored, and what is left; `version` changes when the rest of the page would."""
    event, hackathon, user = place.event, place.hackathon, place.caller.user
    team = hackathon.team(user, event.slug)
    found = hackathon.submissions(user, event.slug) if team else []
    left: dict[str, Any] = hackathon.attempts(user, event.slug) if team else {"remaining": 0, "next_at": None}
    clock = countdown(place)
    return {
        "team": team,
        "team_open": place.now < event.end - words.team_closes(event),
        "submissions": found,
        "busy": any(one["state"] not in OVER for one in found),
        "remaining": left["remaining"],
        "next_at": moment(left["next_at"]) if left["next_at"] else None,
        "selected": sum("selected" in one["flags"] for one in found),
        "chart": chart(found, event.record.metric.direction),
        "clock": clock,
        "running": place.running,
        "may_select": place.now < event.end,
        "states": words.STATES,
        "flags": words.FLAGS,
        "moment": moment,
        "said": _said(place, found),
        "version": f"{clock.look} {clock.until} {place.running} {event.published} {_members(team)}",
    }


def _members(team: dict[str, Any] | None) -> str:
    return ",".join([team["name"], team["captain"], *team["members"]]) if team else ""


def _said(place: Place, found: list[dict[str, Any]]) -> str:
    """What a screen reader is told when it changes: the newest submission's state, and its score."""
    if not found:
        return ""
    _, state = words.STATES.get(found[0]["state"], ("off", Text(found[0]["state"], found[0]["state"])))
    score = found[0].get("public")
    told = place.w.say(state)
    return f"{found[0]['file_name']}: {told}" + (f", {score}" if score else "")


def _lab_link(request: Request, place: Place) -> str:
    """Into one's own lab: it fetches the challenge's files that are not there yet, then opens the starter notebook."""
    query = {"challenge": place.event.slug, "language": place.w.language}
    return authority_of(request).link.browser_url(f"user-redirect/bitgoeul/open?{urlencode(query)}")
