"""The board as people see it: the table that follows the scores, and the wall of a hall.

All that is shown of others comes from `Boards.of`, which alone knows of the freeze; the private board is empty there until
it is published. What everybody sees alike is rendered once a change and language, and sent as bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Depends, Query, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from bitgoeul.hackathon.boards import TOP, Board
from bitgoeul.hackathon.ranking import Row
from bitgoeul.portal.hackathon.place import AT, Place, ThePlace, at
from bitgoeul.portal.hackathon.standing import lines_of, scale_of, sifted
from bitgoeul.portal.hackathon.taking_part import Countdown, countdown
from bitgoeul.web import pages
from bitgoeul.wire import moment

router = APIRouter(prefix=AT)
HALL = 12
_MOST_KEPT = 200


@dataclass(frozen=True)
class View:
    """Which board is asked for, and which part of it."""

    private: bool = False
    words: str = ""
    cohort: str = ""

    @property
    def whole(self) -> bool:
        """Whether it is the same for everybody."""
        return not self.words and not self.cohort


async def view_of(
    place: ThePlace,
    private: Annotated[bool, Query()] = False,
    q: Annotated[str, Query(max_length=100)] = "",
    cohort: Annotated[str, Query(max_length=100)] = "",
) -> View:
    """What the address asks for; the private board only once there is one, and cohorts that exist."""
    known = cohort if cohort in map(str, place.desk.roster.cohorts) else ""
    return View(private and place.event.published > 0, q.strip(), known)


TheView = Annotated[View, Depends(view_of)]


@router.get("/board")
def page(request: Request, place: ThePlace, view: TheView) -> Response:
    """The page: the clock, search, one's own neighbourhood, the table."""
    board = place.hackathon.boards.of(place.event.slug, private=view.private)
    cohorts = {name: place.w.say(one.title.text) for name, one in place.desk.roster.cohorts.items()}
    more = _near(place, view, board)
    return place.page(
        request, "hackathon/board.html", tab="board", cohorts=cohorts, **_shown(place, view, board), **more
    )


@router.get("/board/rows")
def rows(request: Request, place: ThePlace, view: TheView) -> Response:
    """The part that changes: the clock, the marks, the rows."""
    board = place.hackathon.boards.of(place.event.slug, private=view.private)
    if view.whole:
        return _kept(request, place, board, "hackathon/board_rows.html", lambda: _shown(place, view, board))
    return place.page(request, "hackathon/board_rows.html", **_shown(place, view, board))


@router.get("/board/near")
def near(request: Request, place: ThePlace, view: TheView) -> Response:
    """One's own team and those around it."""
    board = place.hackathon.boards.of(place.event.slug, private=view.private)
    return place.page(request, "hackathon/board_near.html", **_near(place, view, board), view=view)


@router.get("/projector")
def projector(request: Request, place: ThePlace, view: TheView) -> Response:
    """The wall of a hall: few teams, very large, with the way here as a QR code."""
    board = place.hackathon.boards.of(place.event.slug, private=view.private)
    here = str(request.url.replace(path=at(request, place), query=""))
    return place.page(
        request, "hackathon/projector.html", qr=qr(here), here=here.partition("://")[2], **_hall(place, view, board)
    )


@router.get("/projector/rows")
def projector_rows(request: Request, place: ThePlace, view: TheView) -> Response:
    """The part of it that changes."""
    board = place.hackathon.boards.of(place.event.slug, private=view.private)
    return _kept(request, place, board, "hackathon/projector_rows.html", lambda: _hall(place, view, board))


def qr(address: str) -> Markup:
    """An address as an inline picture; black on white whatever the page's colours, or cameras do not find it."""
    code = segno.make(address, error="m")
    return Markup(code.svg_inline(border=2, omitsize=True, dark="#000", light="#fff"))  # noqa: S704  # made of modules only


def _shown(place: Place, view: View, board: Board) -> dict[str, Any]:
    teams = None
    if view.cohort:
        students = next(one.students for name, one in place.desk.roster.cohorts.items() if name == view.cohort)
        teams = place.hackathon.teams_with(place.event.slug, students)
    found, count = sifted(board.rows, words=view.words, teams=teams, most=TOP)
    return {"lines": lines_of(found), "count": count, **_frame(place, view, board)}


def _hall(place: Place, view: View, board: Board) -> dict[str, Any]:
    ranked = [row for row in board.rows if row.rank is not None][:HALL]
    return {"lines": lines_of(ranked), **_frame(place, view, board)}


def _frame(place: Place, view: View, board: Board) -> dict[str, Any]:
    frozen = board.head["frozen_at"]
    return {
        "view": view,
        "clock": countdown(place),
        "teams": board.head["teams"],
        "frozen": moment(frozen) if frozen else None,
        "etag": board.etag,
        "better": board.head["better"],
    }


def _near(place: Place, view: View, board: Board) -> dict[str, Any]:
    """One's own line, and, where the table's top does not show it, those around it on a scale of their own."""
    team = place.hackathon.team(place.caller.user, place.event.slug)
    where = board.places.get(team["name"]) if team else None
    far = where is not None and (where >= TOP or not view.whole)
    around: Sequence[Row] = board.rows[max(0, where - 3) : where + 4] if where is not None and far else ()
    own = board.rows[where] if where is not None else None
    return {"own": own, "mine": team["name"] if team else "", "near": lines_of(around, scale_of(around))}


def _kept(request: Request, place: Place, board: Board, template: str, context: Any) -> Response:
    """What is the same for everybody: rendered when the board or the clock's state changed, and 304 for who has it."""
    clock: Countdown = countdown(place)
    state = f"{board.etag} {clock.look} {clock.until} {place.event.published}"
    etag = f'"{hashlib.sha256(f"{template} {pages.language(request)} {state}".encode()).hexdigest()[:24]}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    kept = place.desk.boards
    if etag not in kept:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[etag] = bytes(place.page(request, template, **context()).body)
    return HTMLResponse(kept[etag], headers={"ETag": etag, "Cache-Control": "no-cache"})
