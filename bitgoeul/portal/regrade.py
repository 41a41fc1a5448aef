"""Judging again after a test was mended: whose score would change, then one click; and every verdict to download."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from bitgoeul.names import AssignmentName
from bitgoeul.portal import flash
from bitgoeul.portal.acts import Fields
from bitgoeul.portal.desk import Desk, Taught, TheAssignment, TheDesk, TheTaught, address
from bitgoeul.portal.flash import Done
from bitgoeul.wire import write

router = APIRouter(prefix="/teach/{course}/{assignment}")


@router.get("/regrade")
def regrade_page(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """What waits to be applied or dropped."""
    return _page(request, place, assignment, desk, "regrade.html")


@router.get("/regrade/live")
def regrade_live(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """The part of it that changes by itself."""
    return _page(request, place, assignment, desk, "regrade_live.html")


def _page(request: Request, place: Taught, assignment: AssignmentName, desk: Desk, template: str) -> Response:
    return desk.page(
        request,
        template,
        w=desk.wording(request),
        sheet=desk.board.sheet(place.course, assignment),
        preview=desk.exchange.regrading.preview(place.caller, place.course, assignment),
        progress=desk.exchange.progress(place.caller, place.course, assignment),
    )


@router.post("/regrade")
def decide(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk, fields: Fields) -> Response:
    """Apply what was previewed, or leave everything as it is."""
    if fields.get("decision") == "apply":
        _, count = desk.exchange.regrading.apply(place.caller, place.course, assignment)
        done = Done(f"제출물 {count}개의 새 점수를 적용합니다.", f"New scores are being applied: {count}.")
    else:
        desk.exchange.regrading.drop(place.caller, place.course, assignment)
        done = Done("미리 채점을 버렸습니다. 점수는 그대로입니다.", "The preview is dropped. All scores stay.")
    return flash.go(request, place.caller, address(request, "teach", place.course, assignment), done)


@router.get("/verdicts/{verdict}")
def verdict(place: TheTaught, assignment: TheAssignment, verdict: int, desk: TheDesk) -> Response:
    """One verdict as a file, which `bitgoeul grade --replay` reads."""
    desk.board.sheet(place.course, assignment)
    found = desk.exchange.regrading.judgement(place.caller, place.course, verdict)
    name = f"verdict-{found.submission}-{found.id}.json"
    return Response(
        write(found.verdict),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
