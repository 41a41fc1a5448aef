"""What staff do by a button: each is a form, answered by the page it came from with a word and a way back."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bitgoeul.errors import InputError, shorten
from bitgoeul.names import AssignmentName, UserName
from bitgoeul.portal import flash
from bitgoeul.portal.desk import Desk, Taught, TheAssignment, TheDesk, TheTaught, address, no_student
from bitgoeul.portal.flash import Done
from bitgoeul.web.auth import form_of

router = APIRouter(prefix="/teach/{course}/{assignment}")
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.+\-]*")


async def fields_of(request: Request, _place: TheTaught) -> dict[str, str]:
    """The texts of the form, once its sender is known to be staff."""
    return {name: value for name, value in (await form_of(request)).items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(fields_of)]


def _back(request: Request, place: Taught, assignment: AssignmentName, done: Done) -> Response:
    return flash.go(request, place.caller, address(request, "teach", place.course, assignment), done)


@router.post("/release")
def release(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """Build from the curriculum and release; what only an instructor's lab has released is shown again."""
    caller, course = place.caller, place.course
    if assignment in desk.in_curriculum(course):
        row, created = desk.exchange.release_from_curriculum(caller, course, assignment)
        words = (f"{row.version}판을 공개했습니다.", f"Version {row.version} is released.")
        if not created:
            words = ("공개했습니다. 내용은 전과 같습니다.", "Released. Its content is the same as before.")
    else:
        desk.exchange.show_again(place.caller, place.course, assignment)
        words = ("다시 공개했습니다.", "Released again.")
    undo = address(request, "teach", course, assignment, "withdraw")
    return _back(request, place, assignment, Done(*words, undo=undo))


@router.post("/withdraw")
def withdraw(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """Hide it from students."""
    desk.exchange.withdraw(place.caller, place.course, assignment)
    words = ("숨겼습니다. 제출물은 그대로 있습니다.", "Withdrawn. What was handed in stays.")
    undo = address(request, "teach", place.course, assignment, "release")
    return _back(request, place, assignment, Done(*words, undo=undo))


@router.post("/grade")
def grade(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk, fields: Fields) -> Response:
    """Grade again, scores staying until staff have seen which would change: everybody's newest, or one student's."""
    student = UserName(fields["user"]) if fields.get("user") else None
    _, queued = desk.exchange.grade(place.caller, place.course, assignment, student=student, preview=True)
    done = Done(
        f"제출물 {queued}개를 다시 채점합니다. 바뀔 점수는 적용하기 전에 보여 줍니다.",
        f"Being graded again: {queued}. You see which scores would change before they do.",
    )
    return _back(request, place, assignment, done)


@router.post("/collect")
def collect(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """Take everything that came since the last collection as seen."""
    count = len(desk.exchange.collect(place.caller, place.course, assignment))
    done = Done(f"새 제출물 {count}개를 모았습니다.", f"Collected since last time: {count}.")
    return _back(request, place, assignment, done)


@router.post("/results")
def results(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """Show students what the hidden tests found."""
    desk.exchange.release_results(place.caller, place.course, assignment)
    done = Done("숨은 시험의 결과를 공개했습니다.", "The hidden tests' results are shown now.")
    return _back(request, place, assignment, done)


@router.post("/feedback")
def feedback(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """Make feedback of the present scores and comments, and show it to the students."""
    _, queued = desk.exchange.release_feedback(place.caller, place.course, assignment)
    done = Done(f"학생 {queued}명의 피드백을 만들어 공개합니다.", f"Feedback is being released to students: {queued}.")
    return _back(request, place, assignment, done)


@router.post("/due")
def due(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk, fields: Fields) -> Response:
    """Set everybody's due date."""
    before = desk.board.sheet(place.course, assignment).due
    after = _moment(desk, fields.get("due", ""))
    desk.exchange.set_due(place.caller, place.course, assignment, after)
    undo = address(request, "teach", place.course, assignment, "due")
    done = Done("마감을 바꿨습니다.", "The due date is changed.", undo, {"due": _written(desk, before)})
    return _back(request, place, assignment, done)


@router.post("/extensions")
def extension(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk, fields: Fields) -> Response:
    """Give one student more time, or take it back."""
    user = UserName(fields.get("user", ""))
    if user not in place.students:
        raise no_student(place.course, user)
    before = desk.board.sheet(place.course, assignment).extensions.get(user)
    after = _moment(desk, fields.get("due", ""))
    desk.exchange.set_extension(place.caller, place.course, assignment, user, after)
    undo = address(request, "teach", place.course, assignment, "extensions")
    words = ("연장을 거두었습니다.", "The extension is removed.")
    if after:
        words = ("마감을 연장했습니다.", "The due date is extended.")
    return _back(request, place, assignment, Done(*words, undo, {"user": user, "due": _written(desk, before)}))


def _moment(desk: Desk, text: str) -> datetime | None:
    """What a `datetime-local` field holds, in the academy's zone; empty means none."""
    return moment_of(text, desk.settings.zone) if text else None


def moment_of(text: str, zone: ZoneInfo) -> datetime:
    """Read what a `datetime-local` field holds, in the academy's zone."""
    try:
        found = datetime.fromisoformat(text if _WRITTEN.fullmatch(text) else "")
    except ValueError:
        raise InputError(
            ko=f"날짜와 시각이 필요한데 {shorten(text)}을(를) 받았습니다. 2026-11-24T18:00처럼 쓰세요.",
            en=f"A date and time was wanted; found {shorten(text)}. Write it as 2026-11-24T18:00.",
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _written(desk: Desk, when: datetime | None) -> str:
    return when.astimezone(desk.settings.zone).isoformat() if when else ""
