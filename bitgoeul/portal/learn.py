"""The student's pages: today, one assignment, its feedback, and handing in a file."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, Response

from bitgoeul.errors import InputError, NotFound, Text, shorten
from bitgoeul.exchange import bundle
from bitgoeul.exchange.intake import Headers
from bitgoeul.exchange.rules import Results
from bitgoeul.exchange.store import no_such
from bitgoeul.names import CourseName
from bitgoeul.portal import flash
from bitgoeul.portal.desk import Desk, TheAssignment, TheDesk, address, desk_of
from bitgoeul.portal.marks import comments_beside
from bitgoeul.portal.rules import Work, next_due, trouble, work_of
from bitgoeul.portal.store import Handed, Sheet
from bitgoeul.portal.wording import Wording
from bitgoeul.web.auth import Caller, CurrentPerson, form_of
from bitgoeul.web.headers import UNTRUSTED_HTML

router = APIRouter()
_LATER: dict[Results, Text] = {
    "now": Text("", ""),
    "after-due": Text(
        "위 점수는 보이는 시험만 센 것입니다. 숨은 시험의 결과는 마감 뒤에 나타납니다.",
        "This counts the visible tests only. What the hidden tests found shows after the due date.",
    ),
    "on-release": Text(
        "위 점수는 보이는 시험만 센 것입니다. 숨은 시험의 결과는 선생님이 공개하면 나타납니다.",
        "This counts the visible tests only. What the hidden tests found shows when your instructor releases it.",
    ),
}


@router.get("/")
def today(request: Request, caller: CurrentPerson, desk: TheDesk) -> Response:
    """What is due, what came back, what waits for staff."""
    w = desk.wording(request)
    learning = [(course, _works(desk, caller, course, w)) for course in caller.student_of]
    upcoming = next_due((work for _, works in learning for work in works), w.now)
    teaching = [_taught_line(desk, course) for course in caller.staff_of]
    return desk.page(request, "today.html", w=w, learning=learning, next=upcoming, teaching=teaching)


def _works(desk: Desk, caller: Caller, course: CourseName, w: Wording) -> list[Work]:
    handed = desk.board.handed(course, user=caller.user)
    works = [_work(desk, caller, sheet, handed, w) for sheet in desk.board.sheets([course])]
    return sorted(works, key=lambda work: (work.due is None, work.due, work.sheet.assignment))


def _work(desk: Desk, caller: Caller, sheet: Sheet, handed: list[Handed], w: Wording) -> Work:
    returned = any(h.feedback_at for h in handed if h.row.assignment == sheet.assignment)
    final = desk.finals(sheet.course, sheet.assignment).get(caller.user) if returned else None
    return work_of(sheet, caller.user, handed, now=w.now, final=final)


def _taught_line(desk: Desk, course: CourseName) -> dict[str, object]:
    newest = desk.board.newest(course)
    return {
        "name": course,
        "released": len(desk.board.sheets([course])),
        "students": len({h.row.user for h in newest}),
        "manual": sum(h.row.state == "needs-manual" for h in newest),
        "trouble": len(trouble(newest)),
    }


def learned(caller: CurrentPerson, desk: TheDesk, course: str, assignment: TheAssignment) -> Sheet:
    """An assignment that the caller may work on: a released one of his course."""
    name = CourseName(course)
    caller.require_member(name)
    sheet = desk.board.sheet(name, assignment)
    if sheet.withdrawn and name not in caller.staff_of:
        raise no_such(course, assignment)
    return sheet


TheSheet = Annotated[Sheet, Depends(learned)]


@router.get("/learn/{course}/{assignment}")
def assignment_page(request: Request, caller: CurrentPerson, desk: TheDesk, sheet: TheSheet) -> Response:
    """One assignment of the caller's own."""
    return _assignment(request, caller, desk, sheet, "learn.html")


@router.get("/learn/{course}/{assignment}/live")
def assignment_live(request: Request, caller: CurrentPerson, desk: TheDesk, sheet: TheSheet) -> Response:
    """The part of it that changes by itself."""
    return _assignment(request, caller, desk, sheet, "learn_live.html")


def _assignment(request: Request, caller: Caller, desk: Desk, sheet: Sheet, template: str) -> Response:
    w = desk.wording(request)
    handed = desk.board.handed(sheet.course, assignment=sheet.assignment, user=caller.user)
    work = _work(desk, caller, sheet, handed, w)
    feedback: list[str] = []
    if work.newest and work.newest.row.feedback_sha256:
        feedback = sorted(desk.exchange.contents.feedback_files(work.newest.row))
    marks = desk.marks(sheet.course, sheet.assignment, caller.user) if work.shows_marks else {}
    return desk.page(
        request,
        template,
        w=w,
        work=work,
        sections=desk.sections(sheet, work.verdict, w),
        by_hand=sum(c.max_score for c in work.verdict.cells.values() if c.outcome == "manual") if work.verdict else 0,
        marks=marks,
        comments=comments_beside(marks, work.verdict.cells if work.verdict else {}),
        feedback=feedback,
        summary=desk.summary(sheet),
        hidden_words=w.say(_LATER[sheet.results]),
        key=str(uuid.uuid4()),
    )


@router.get("/submissions/{submission}/feedback/{name}")
def feedback_page(submission: str, name: str, caller: CurrentPerson, desk: TheDesk) -> Response:
    """One released page of feedback, in a box where nothing runs and nothing is loaded."""
    row = desk.exchange.submission_for(caller, submission)
    page = desk.exchange.contents.feedback_files(row).get(name)
    if page is None:
        raise NotFound(
            ko=f"이 제출물에는 {shorten(name)}이라는 피드백이 없습니다. 과제 화면에서 다시 열어 주세요.",
            en=f"This submission has no feedback {shorten(name)}. Open it from the assignment's page.",
        )
    return HTMLResponse(page, headers={"Content-Security-Policy": UNTRUSTED_HTML})


def begun_at(desk: Annotated[Desk, Depends(desk_of)]) -> datetime:
    """When the upload began: this is asked before the body is read."""
    return desk.exchange.clock.now()


@router.post("/learn/{course}/{assignment}/submissions")
async def hand_in(
    request: Request,
    begun: Annotated[datetime, Depends(begun_at)],
    caller: CurrentPerson,
    desk: TheDesk,
    sheet: TheSheet,
) -> Response:
    """Take a notebook from a form as a submission."""
    form = await form_of(request)
    sent = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
    files = {}
    for file in sent:
        files[_notebook_name(sheet, file.filename or "", alone=len(sent) == 1)] = await file.read()
    if not files:
        raise InputError(
            ko="노트북 파일이 오지 않았습니다. 파일을 고른 뒤 제출하세요.",
            en="No notebook came. Choose a file, then hand in.",
        )
    key = form.get("key")
    await run_in_threadpool(_store, desk, caller, sheet, begun, str(key), bundle.write(files))
    done = flash.Done("제출했습니다. 접수증은 아래에서 내려받을 수 있습니다.", "Handed in. The receipt is below.")
    return flash.go(request, caller, address(request, "learn", sheet.course, sheet.assignment), done)


def _notebook_name(sheet: Sheet, found: str, *, alone: bool) -> str:
    """The release's name for an uploaded file: browsers call a second download `x (1).ipynb`."""
    if found in sheet.notebooks:
        return found
    if alone and len(sheet.notebooks) == 1 and found.endswith(".ipynb"):
        return sheet.notebooks[0]
    wanted = ", ".join(sheet.notebooks)
    raise InputError(
        ko=f"{wanted} 파일이 필요한데 {shorten(found)}을(를) 받았습니다. 과제 노트북을 골라 다시 제출하세요.",
        en=f"{wanted} was wanted; found {shorten(found)}. Choose the assignment's notebook and hand in again.",
    )


def _store(desk: Desk, caller: Caller, sheet: Sheet, begun: datetime, key: str, data: bytes) -> None:
    exchange = desk.exchange
    said = Headers(key=key, sha256=hashlib.sha256(data).hexdigest(), size=len(data), begun_at=begun)
    announced = exchange.announce(caller, sheet.course, sheet.assignment, said)
    with exchange.intake.body() as body:
        body.write(data)
        exchange.intake.finish(announced, body).result()
    exchange.marking.ring()
