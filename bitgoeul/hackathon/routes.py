"""The hackathon's HTTP API. Routes translate: parse, ask, answer."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import anyio
from fastapi import APIRouter, Body, Depends, Header, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict

from bitgoeul.errors import InputError, NotFound, shorten
from bitgoeul.hackathon import exporting, rules
from bitgoeul.hackathon.model import ChallengeName
from bitgoeul.hackathon.organising import Organising
from bitgoeul.hackathon.rescoring import Rescoring
from bitgoeul.hackathon.service import Hackathon, Said
from bitgoeul.hackathon.store import Event, event_slugs
from bitgoeul.hackathon.watching import Watching
from bitgoeul.web.auth import CurrentCaller
from bitgoeul.web.exports import MEDIA
from bitgoeul.wire import stamp

T = TypeVar("T")
IDLE_SECONDS = 30.0
_threads = anyio.CapacityLimiter(16)
router = APIRouter(prefix="/api")


def hackathon_of(request: Request) -> Hackathon:
    """The hackathon that `build_app` put on the app."""
    found: Hackathon = request.app.state.hackathon
    return found


def organising_of(request: Request, caller: CurrentCaller) -> Organising:
    """The organisers' side, for operators only."""
    caller.require_operator()
    found: Organising = request.app.state.organising
    return found


def slug_of(slug: str) -> str:
    """Check the name in the path."""
    return str(ChallengeName(slug))


TheHackathon = Annotated[Hackathon, Depends(hackathon_of)]
TheOrganising = Annotated[Organising, Depends(organising_of)]
TheSlug = Annotated[str, Depends(slug_of)]
IN = "/challenges/{slug}"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TeamName(_Body):
    """The body that makes a team."""

    name: str


class Code(_Body):
    """The body that joins or merges."""

    code: str


class Announcement(_Body):
    """The body that announces an upload."""

    sha256: str
    size: int
    name: str = "submission.csv"


class FlagBody(_Body):
    """The body that flags a team or a submission."""

    flag: str
    raised: bool = True
    reason: str
    team: str = ""
    submission: str = ""


async def _in_thread(work: Callable[[], T]) -> T:
    return await anyio.to_thread.run_sync(work, limiter=_threads)


@router.get("/time")
def server_time(hackathon: TheHackathon) -> Response:
    """The clock that decides; pages count down by it. offset = server - (sent + received) / 2."""
    return JSONResponse({"now": stamp(hackathon.now())}, headers={"Cache-Control": "no-store"})


@router.get("/challenges")
def challenges(_caller: CurrentCaller, hackathon: TheHackathon) -> Response:
    """The open challenges."""
    with hackathon.database.reading() as connection:
        slugs = event_slugs(connection)
    return JSONResponse([_plain(hackathon, hackathon.event(slug)) for slug in slugs])


@router.get(IN)
def challenge(slug: TheSlug, caller: CurrentCaller, hackathon: TheHackathon) -> Response:
    """One of them, with one's own team."""
    found = _plain(hackathon, hackathon.event(slug))
    return JSONResponse({**found, "team": hackathon.team(caller.user, slug)})


def _plain(hackathon: Hackathon, event: Event) -> dict[str, Any]:
    record, now = event.record, hackathon.now()
    phase = rules.window_at(now, record.phases)
    kept = record.model_dump(
        mode="json", include={"title", "summary", "text", "zone", "phases", "freeze_minutes", "finals", "team", "quota"}
    )
    frozen = event.as_of(now)
    return {
        **kept,
        "slug": event.slug,
        "metric": record.metric.name,
        "better": record.metric.direction,
        "digits": event.digits,
        "now": stamp(now),
        "start": stamp(event.start),
        "end": stamp(event.end),
        "ends_here": event.end.astimezone(ZoneInfo(record.zone)).isoformat(),
        "phase": phase.name if phase else None,
        "frozen_at": stamp(frozen) if frozen else None,
        "published": event.published,
        "files": {name: kept["size"] for name, kept in event.files.items()} if now >= event.start else {},
    }


@router.get(IN + "/files/{name}")
def file(slug: TheSlug, name: str, _caller: CurrentCaller, hackathon: TheHackathon) -> Response:
    """One of the files that participants get, from the start on."""
    event = hackathon.event(slug)
    if hackathon.now() < event.start or name not in event.files:
        raise NotFound(
            ko=f"{shorten(name)} 파일은 없거나 아직 열리지 않았습니다.", en=f"{shorten(name)} is not there, or not yet."
        )
    return FileResponse(
        hackathon.blobs.path(event.files[name]["sha256"]), filename=name, media_type="application/octet-stream"
    )


@router.post(IN + "/team", status_code=201)
def create_team(slug: TheSlug, body: TeamName, caller: CurrentCaller, hackathon: TheHackathon) -> Response:
    """Make a team."""
    return JSONResponse(hackathon.create_team(caller.user, slug, body.name), 201)


@router.post(IN + "/team/join")
def join_team(slug: TheSlug, body: Code, caller: CurrentCaller, hackathon: TheHackathon) -> Response:
    """Join a team by its code."""
    return JSONResponse(hackathon.join_team(caller.user, slug, body.code))


@router.post(IN + "/team/merge")
def merge_teams(slug: TheSlug, body: Code, caller: CurrentCaller, hackathon: TheHackathon) -> Response:
    """Take another team in, by its code."""
    return JSONResponse(hackathon.merge_teams(caller.user, slug, body.code))


@router.post(IN + "/submissions", status_code=201)
async def announce(
    slug: TheSlug,
    body: Announcement,
    caller: CurrentCaller,
    hackathon: TheHackathon,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Announce a file: from now on its time counts. The body follows by PUT to `.../content`."""
    received_at = hackathon.now()
    said = Said(_key(idempotency_key), _sha256(body.sha256), body.size, body.name)
    return JSONResponse(await _in_thread(lambda: hackathon.announce(caller.user, slug, said, received_at)), 201)


def _key(key: str | None) -> str:
    try:
        return str(uuid.UUID(key or ""))
    except ValueError:
        raise InputError(
            ko=f"Idempotency-Key 머리글에는 UUID가 필요한데 {shorten(key)}을(를) 받았습니다.",
            en=f"The header Idempotency-Key takes a UUID; found {shorten(key)}.",
        ) from None


def _sha256(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text.lower()):
        raise InputError(
            ko=f"sha256에는 16진수 64자리가 필요한데 {shorten(text)}을(를) 받았습니다.",
            en=f"sha256 takes 64 hexadecimal digits; found {shorten(text)}.",
        )
    return text.lower()


@router.put("/challenge-submissions/{submission}/content")
async def content(submission: str, caller: CurrentCaller, hackathon: TheHackathon, request: Request) -> Response:
    """The announced bytes. The answer goes out when they are on disk, and not before."""
    row = await _in_thread(lambda: hackathon.submission(caller.user, submission))
    with hackathon.blobs.writer(limit=row["size"]) as writer:
        try:
            async with asyncio.timeout(IDLE_SECONDS) as idle:
                async for piece in request.stream():
                    writer.write(piece)
                    idle.reschedule(asyncio.get_running_loop().time() + IDLE_SECONDS)
        except TimeoutError:
            raise InputError(
                ko="보내는 도중에 멈췄습니다. 다시 보내세요.", en="The upload stopped. Send it again."
            ) from None
        return JSONResponse(await _in_thread(lambda: hackathon.receive(caller.user, submission, writer)))


@router.get(IN + "/submissions")
def submissions(slug: TheSlug, caller: CurrentCaller, hackathon: TheHackathon) -> Response:
    """One's team's submissions."""
    return JSONResponse(hackathon.submissions(caller.user, slug))


@router.get("/challenge-submissions/{submission}")
def submission(submission: str, caller: CurrentCaller, hackathon: TheHackathon) -> Response:
    """One of them."""
    return JSONResponse(hackathon.submission(caller.user, submission))


@router.put("/challenge-submissions/{submission}/final")
def select_final(submission: str, caller: CurrentCaller, hackathon: TheHackathon) -> Response:
    """Select it for the end."""
    return JSONResponse(hackathon.select_final(caller.user, submission, chosen=True))


@router.delete("/challenge-submissions/{submission}/final")
def unselect_final(submission: str, caller: CurrentCaller, hackathon: TheHackathon) -> Response:
    """Take the selection back."""
    return JSONResponse(hackathon.select_final(caller.user, submission, chosen=False))


@router.get(IN + "/board/mine")
def neighbourhood(slug: TheSlug, caller: CurrentCaller, hackathon: TheHackathon, private: bool = False) -> Response:
    """The lines around one's own team."""
    team = hackathon.team(caller.user, slug)
    return JSONResponse(hackathon.boards.of(slug, private=private).around(team["name"]) if team else [])


@router.get(IN + "/board/events")
async def events(slug: TheSlug, _caller: CurrentCaller, hackathon: TheHackathon, request: Request) -> Response:
    """Say when the board changes, as server-sent events: `data` is its ETag, and the board is fetched by that."""
    await _in_thread(lambda: hackathon.boards.of(slug))  # a challenge that is not open is told at once
    watching: Watching = request.app.state.watching
    return StreamingResponse(
        watching.changes(slug),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


# --- organisers -------------------------------------------------------------------------------------------------------

Changes = Annotated[dict[str, Any], Body()]


@router.post(IN + "/open", status_code=201)
def open_challenge(slug: TheSlug, caller: CurrentCaller, organising: TheOrganising, changes: Changes) -> Response:
    """Open a challenge of the curriculum."""
    return JSONResponse(_plain(organising.hackathon, organising.open(caller.user, slug, changes)), 201)


@router.patch(IN)
def change(slug: TheSlug, caller: CurrentCaller, organising: TheOrganising, changes: Changes) -> Response:
    """Move the end, change limits."""
    return JSONResponse(_plain(organising.hackathon, organising.change(caller.user, slug, changes)))


@router.post(IN + "/flags", status_code=204)
def flag(slug: TheSlug, body: FlagBody, caller: CurrentCaller, organising: TheOrganising) -> Response:
    """Disqualify, hide, or take it back."""
    organising.flag(caller.user, slug, **body.model_dump())
    return Response(status_code=204)


@router.post(IN + "/publish", status_code=201)
def publish(slug: TheSlug, caller: CurrentCaller, organising: TheOrganising) -> Response:
    """Publish the result."""
    return JSONResponse(organising.publish(caller.user, slug), 201)


@router.get(IN + "/export.{kind}")
def export(slug: TheSlug, kind: Literal["csv", "xlsx"], organising: TheOrganising) -> Response:
    """The newest snapshot for a spreadsheet."""
    headers = {"Content-Disposition": f'attachment; filename="{slug}.{kind}"'}
    data = exporting.export(organising.database, slug, kind)
    return Response(data, media_type=MEDIA[kind], headers=headers)


@router.get(IN + "/queue")
def queue(slug: TheSlug, organising: TheOrganising) -> Response:
    """How many submissions are in each state."""
    return JSONResponse(organising.queue(slug))


@router.post(IN + "/rescoring", status_code=201)
async def rescore(slug: TheSlug, caller: CurrentCaller, organising: TheOrganising) -> Response:
    """Score everything anew, beside what counts."""
    return JSONResponse(await _in_thread(lambda: Rescoring(organising).begin(caller.user, slug)), 201)


@router.get(IN + "/rescoring")
def look_at_rescoring(slug: TheSlug, organising: TheOrganising) -> Response:
    """Whose rank or score would change."""
    return JSONResponse(Rescoring(organising).look(slug))


@router.put(IN + "/rescoring")
def apply_rescoring(slug: TheSlug, caller: CurrentCaller, organising: TheOrganising) -> Response:
    """Let it count."""
    return JSONResponse(Rescoring(organising).apply(caller.user, slug))


@router.delete(IN + "/rescoring", status_code=204)
def drop_rescoring(slug: TheSlug, caller: CurrentCaller, organising: TheOrganising) -> Response:
    """Leave everything as it is."""
    Rescoring(organising).drop(caller.user, slug)
    return Response(status_code=204)
