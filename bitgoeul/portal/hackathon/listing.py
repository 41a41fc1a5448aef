"""The list of challenges: what is on, what comes, what is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from bitgoeul.hackathon.routes import TheHackathon
from bitgoeul.hackathon.store import Event, event_slugs
from bitgoeul.portal.desk import TheDesk
from bitgoeul.portal.hackathon.phases import Picture, picture
from bitgoeul.portal.hackathon.place import wording
from bitgoeul.portal.wording import Wording
from bitgoeul.web.auth import CurrentPerson

router = APIRouter()


@dataclass(frozen=True)
class Line:
    """One challenge of the list, in its own zone's words."""

    event: Event
    picture: Picture
    team: str
    w: Wording


@router.get("/hackathons")
def challenges(request: Request, caller: CurrentPerson, desk: TheDesk, hackathon: TheHackathon) -> Response:
    """Every opened challenge as a picture of its time."""
    with hackathon.database.reading() as connection:
        slugs = event_slugs(connection)
    lines = []
    for slug in slugs:
        event = hackathon.event(slug)
        w = wording(request, desk, hackathon, ZoneInfo(event.record.zone))
        team = hackathon.team(caller.user, slug)
        lines.append(Line(event, picture(event, w.now), team["name"] if team else "", w))
    groups = {
        "open": sorted((line for line in lines if line.picture.standing in ("open", "between")), key=_end),
        "coming": sorted((line for line in lines if line.picture.standing == "coming"), key=_start),
        "past": sorted((line for line in lines if line.picture.standing == "past"), key=_end, reverse=True),
    }
    w = wording(request, desk, hackathon, desk.settings.zone)
    return desk.page(request, "hackathon/list.html", w=w, groups=groups)


def _start(line: Line) -> tuple[datetime, str]:
    return line.event.start, line.event.slug


def _end(line: Line) -> tuple[datetime, str]:
    return line.event.end, line.event.slug
