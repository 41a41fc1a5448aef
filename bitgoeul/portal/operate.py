"""The operator's page: the machine, the queue, the courses. No student's work."""

from __future__ import annotations

import shutil

from fastapi import APIRouter, Request
from starlette.responses import Response

from bitgoeul.people import roster
from bitgoeul.portal.desk import Desk, TheDesk
from bitgoeul.portal.wording import Wording
from bitgoeul.settings import MEGABYTE
from bitgoeul.web.auth import Caller, CurrentPerson

router = APIRouter(prefix="/operate")


@router.get("")
def page(request: Request, caller: CurrentPerson, desk: TheDesk) -> Response:
    """How the academy is."""
    return _answer(request, caller, desk, "operate.html")


@router.get("/live")
def live(request: Request, caller: CurrentPerson, desk: TheDesk) -> Response:
    """The part of it that changes by itself."""
    return _answer(request, caller, desk, "operate_live.html")


def _answer(request: Request, caller: Caller, desk: Desk, template: str) -> Response:
    caller.require_operator()
    w, settings = desk.wording(request), desk.settings
    counts = {"queued": 0, "running": 0, "done": 0, "failed": 0} | desk.board.queue()
    submissions, size = desk.board.sizes()
    return desk.page(
        request,
        template,
        w=w,
        queue=counts,
        level=desk.level(),
        submissions=submissions,
        bytes=size,
        free=shutil.disk_usage(settings.state).free,
        min_free=settings.exchange.min_free_mb * MEGABYTE,
        courses=_courses(desk, w),
    )


def _courses(desk: Desk, w: Wording) -> list[dict[str, object]]:
    settings = desk.roster
    names = sorted({*roster.courses(settings), *(course.name for course in desk.courses)})
    return [
        {
            "name": name,
            "students": len(roster.students(settings, name)),
            "staff": ", ".join(w.name_of(user) for user in roster.staff(settings, name)),
            "released": ", ".join(f"{w.say(s.title)} (v{s.version})" for s in desk.board.sheets([name])),
        }
        for name in names
    ]
