"""What every page of hackathons stands on: the challenge, who looks at it, and the words at the hackathon's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.responses import Response

from bitgoeul.errors import Text
from bitgoeul.hackathon import rules
from bitgoeul.hackathon.routes import TheHackathon, TheSlug
from bitgoeul.hackathon.service import Hackathon
from bitgoeul.hackathon.store import Event
from bitgoeul.people.roster import display_name
from bitgoeul.portal.desk import Desk, TheDesk, address
from bitgoeul.portal.hackathon.phases import Picture, picture
from bitgoeul.portal.wording import Wording
from bitgoeul.web import pages
from bitgoeul.web.auth import Caller, CurrentPerson

AT = "/hackathons/{slug}"


@dataclass(frozen=True)
class Place:
    """A challenge as one person stands before it at one moment."""

    caller: Caller
    desk: Desk
    hackathon: Hackathon
    event: Event
    w: Wording

    @property
    def now(self) -> datetime:
        """The database's clock, when the page was asked for."""
        return self.w.now

    @property
    def running(self) -> bool:
        """Whether submissions are taken at this moment."""
        return rules.window_at(self.now, self.event.record.phases) is not None

    @property
    def picture(self) -> Picture:
        """The phases as a picture of time."""
        return picture(self.event, self.now)

    def page(self, request: Request, template: str, *, tab: str = "", **context: Any) -> Response:
        """A page of this challenge; `tab` says which of `challenge.html`'s tabs it is."""
        always = {"place": self, "event": self.event, "tab": tab, "tabs": tabs(self, request)}
        return self.desk.page(request, template, w=self.w, **always, **context)


def wording(request: Request, desk: Desk, hackathon: Hackathon, zone: ZoneInfo) -> Wording:
    """The words, by the clock that decides about submissions, in the challenge's own zone."""
    tongue, roster = pages.language(request), desk.roster
    return Wording(tongue, zone, hackathon.now(), lambda user: display_name(roster, user, tongue))


def place_of(request: Request, slug: TheSlug, caller: CurrentPerson, desk: TheDesk, hackathon: TheHackathon) -> Place:
    """The challenge of the address, for somebody who is signed in; `NotFound` when it is not open."""
    event = hackathon.event(slug)
    return Place(caller, desk, hackathon, event, wording(request, desk, hackathon, ZoneInfo(event.record.zone)))


ThePlace = Annotated[Place, Depends(place_of)]


def at(request: Request, place: Place, *parts: str) -> str:
    """The address of one of the challenge's pages."""
    return address(request, "hackathons", place.event.slug, *parts)


#: The pages of one challenge: what the address ends with, its words, and who sees it.
TABS: tuple[tuple[str, Text], ...] = (
    ("", Text("참가", "Take part")),
    ("board", Text("순위", "Board")),
)


def tabs(place: Place, request: Request) -> list[tuple[str, str, str]]:
    """Which pages of the challenge this person sees: end of the address, words, address."""
    return [(end, place.w.say(words), at(request, place, *([end] if end else []))) for end, words in TABS]
