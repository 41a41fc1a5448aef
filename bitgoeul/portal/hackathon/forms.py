"""What a participant does by a form: teams, a file without script, the selection for the end."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from bitgoeul.errors import InputError
from bitgoeul.hackathon.routes import TheHackathon
from bitgoeul.hackathon.service import Said
from bitgoeul.portal import flash
from bitgoeul.portal.flash import Done
from bitgoeul.portal.hackathon.place import AT, Place, ThePlace, at
from bitgoeul.web.auth import form_of

router = APIRouter(prefix=AT)
_PIECE = 1 << 18


async def fields_of(request: Request, _place: ThePlace) -> dict[str, str]:
    """The texts of the form."""
    return {name: value for name, value in (await form_of(request)).items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(fields_of)]


def _back(request: Request, place: Place, done: Done) -> Response:
    return flash.go(request, place.caller, at(request, place), done)


@router.post("/team")
def create(request: Request, place: ThePlace, fields: Fields) -> Response:
    """Make a team."""
    team = place.hackathon.create_team(place.caller.user, place.event.slug, fields.get("name", ""))
    words = (
        f"{team['name']} 팀을 만들었습니다. 코드를 팀원에게 알려 주세요.",
        f"The team {team['name']} is made. Share its code.",
    )
    return _back(request, place, Done(*words))


@router.post("/team/join")
def join(request: Request, place: ThePlace, fields: Fields) -> Response:
    """Join a team by its code."""
    team = place.hackathon.join_team(place.caller.user, place.event.slug, fields.get("code", ""))
    return _back(request, place, Done(f"{team['name']} 팀에 들어갔습니다.", f"You are in the team {team['name']}."))


@router.post("/team/merge")
def merge(request: Request, place: ThePlace, fields: Fields) -> Response:
    """Take another team in."""
    team = place.hackathon.merge_teams(place.caller.user, place.event.slug, fields.get("code", ""))
    members = len(team["members"])
    return _back(
        request, place, Done(f"두 팀을 합쳐 {members}명이 되었습니다.", f"Merged; the team has {members} now.")
    )


@router.post("/team/captain")
def captain(request: Request, place: ThePlace, fields: Fields) -> Response:
    """Hand the team to another member."""
    team = place.hackathon.name_captain(place.caller.user, place.event.slug, fields.get("member", ""))
    name = place.w.name_of(team["captain"])
    return _back(request, place, Done(f"이제 {name} 님이 팀장입니다.", f"{name} is captain now."))


@router.post("/final")
def final(request: Request, place: ThePlace, fields: Fields) -> Response:
    """Select a submission for the end, or take it back."""
    chosen = fields.get("chosen") == "yes"
    place.hackathon.select_final(place.caller.user, fields.get("submission", ""), chosen=chosen)
    words = ("선택을 풀었습니다.", "The selection is taken back.")
    if chosen:
        words = ("마지막 제출로 골랐습니다.", "Selected for the end.")
    undo = {"submission": fields.get("submission", ""), "chosen": "no" if chosen else "yes"}
    return _back(request, place, Done(*words, at(request, place, "final"), undo))


def begun_at(hackathon: TheHackathon) -> datetime:
    """When the form began to come: this is asked before its body is read, and counts."""
    return hackathon.now()


@router.post("/submissions")
async def submit(request: Request, begun: Annotated[datetime, Depends(begun_at)], place: ThePlace) -> Response:
    """Take a file from a plain form: announced and received in one."""
    form = await form_of(request)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise InputError(
            ko="파일이 오지 않았습니다. 파일을 고른 뒤 내세요.", en="No file came. Choose a file, then submit."
        )
    name, key = file.filename, _key(form.get("key"))
    told = await run_in_threadpool(lambda: _store(place, key, name, file.file, begun))
    words = ("냈습니다. 결과는 아래에 나타납니다.", "Submitted. The result shows below.")
    if told["state"] == "late":
        words = (
            "마감 뒤에 도착해서 채점하지 않습니다. 파일은 보관했습니다.",
            "It came after the end and is not scored.",
        )
    return _back(request, place, Done(*words))


def _key(text: Any) -> str:
    """The form's own key, so that a form that is sent twice is one submission."""
    try:
        return str(uuid.UUID(str(text)))
    except ValueError:
        raise InputError(ko="화면을 새로 고친 뒤 다시 내세요.", en="Reload the page and submit again.") from None


def _store(place: Place, key: str, name: str, file: BinaryIO, begun: datetime) -> dict[str, Any]:
    hackathon, user = place.hackathon, place.caller.user
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    size = file.tell()
    announced = hackathon.announce(user, place.event.slug, Said(key, digest.hexdigest(), size, name), begun)
    file.seek(0)
    with hackathon.blobs.writer(limit=size) as body:
        while piece := file.read(_PIECE):
            body.write(piece)
        return hackathon.receive(user, announced["id"], body)
