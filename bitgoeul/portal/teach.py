"""The pages of a course's staff: everybody's work, one assignment, one student, exports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from bitgoeul.errors import Text
from bitgoeul.exchange.store import no_such
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.portal.desk import Desk, Taught, TheAssignment, TheDesk, TheTaught, no_student
from bitgoeul.portal.doubts import cases
from bitgoeul.portal.marks import comments_beside
from bitgoeul.portal.rules import Cell, absent, by_student, cell_of, comparable, distribution, trouble, work_of
from bitgoeul.portal.store import Handed, Sheet
from bitgoeul.portal.wording import Wording
from bitgoeul.web import exports

router = APIRouter(prefix="/teach/{course}")


@router.get("")
def course_page(request: Request, place: TheTaught, desk: TheDesk) -> Response:
    """Assignments by students, what needs a person, what staff did."""
    w, course = desk.wording(request), place.course
    sheets = desk.board.sheets([course], withdrawn=True)
    newest = desk.board.newest(course)
    students = _everybody(place, newest, w)
    titles = {sheet.assignment: w.say(sheet.title) for sheet in sheets}
    person = desk.roster.person(place.caller.user)
    return desk.page(
        request,
        "course.html",
        w=w,
        course=course,
        students=students,
        sheets=sheets,
        lines=_lines(desk, course, sheets, newest),
        cells=_cells(desk, course, sheets, newest, students),
        trouble=trouble(newest),
        titles=titles,
        deeds=desk.board.deeds(course),
        formgrader=desk.formgrader_link(request, place.caller, course),
        plain_words=person is not None and person.role == "teacher",
    )


def _everybody(place: Taught, handed: Iterable[Handed], w: Wording) -> list[str]:
    """The Hub's students, and whoever handed in and has left since, by the names people see."""
    users = {*map(str, place.students), *(h.row.user for h in handed)}
    return sorted(users, key=lambda user: (w.name_of(user), user))


def _lines(desk: Desk, course: CourseName, sheets: list[Sheet], newest: list[Handed]) -> list[dict[str, object]]:
    """The released assignments and those that could be released."""
    released = {sheet.assignment: sheet for sheet in sheets}
    buildable = desk.in_curriculum(course)
    lines = []
    for name in sorted({*map(str, released), *buildable}):
        sheet = released.get(AssignmentName(name))
        mine = [h for h in newest if h.row.assignment == name]
        lines.append(
            {
                "name": name,
                "title": sheet.title if sheet else buildable[name].title,
                "sheet": sheet,
                "handed": len(mine),
                "busy": sum(h.busy for h in mine),
                "manual": sum(h.row.state == "needs-manual" for h in mine),
            }
        )
    return lines


def _cells(
    desk: Desk, course: CourseName, sheets: list[Sheet], newest: list[Handed], students: list[str]
) -> dict[tuple[str, str], Cell]:
    """Every student's cell of every assignment: what he handed in, or whether he has fetched it at all."""
    fetched, handed = desk.board.fetched(course), by_student(newest)
    cells: dict[tuple[str, str], Cell] = {}
    for sheet in sheets:
        finals = desk.finals(course, sheet.assignment)
        for key in ((user, str(sheet.assignment)) for user in students):
            work = handed.get(key)
            cells[key] = cell_of(work, finals.get(key[0])) if work else absent(key[0], fetched.get(key))
    return cells


@router.get("/scores.csv")
def scores_csv(request: Request, place: TheTaught, desk: TheDesk) -> Response:
    """All scores of the course for a spreadsheet."""
    return _file(place.course, "csv", exports.as_csv(_table(request, place, desk)))


@router.get("/scores.xlsx")
def scores_xlsx(request: Request, place: TheTaught, desk: TheDesk) -> Response:
    """All scores of the course as a workbook."""
    return _file(place.course, "xlsx", exports.as_xlsx(_table(request, place, desk), title=place.course))


def _file(course: CourseName, kind: str, data: bytes) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{course}-scores.{kind}"'}
    return Response(data, media_type=exports.MEDIA[kind], headers=headers)


def _table(request: Request, place: Taught, desk: Desk) -> list[list[exports.Cell]]:
    w = desk.wording(request)
    sheets = desk.board.sheets([place.course], withdrawn=True)
    newest = desk.board.newest(place.course)
    students = _everybody(place, newest, w)
    cells = _cells(desk, place.course, sheets, newest, students)
    names = [w.say(Text("아이디", "user")), w.say(Text("이름", "name"))]
    state = w.say(Text("상태", "state"))
    heads = [
        head
        for sheet in sheets
        for head in (f"{sheet.assignment} (/{w.number(sheet.max_score)})", f"{sheet.assignment} {state}")
    ]
    rows: list[list[exports.Cell]] = [[*names, *heads, w.say(Text("합계", "total"))]]
    for user in students:
        found = [cells[user, sheet.assignment] for sheet in sheets]
        told = [value for cell in found for value in (cell.score, w.say(cell.state[1]))]
        rows.append([user, w.name_of(user), *told, sum(cell.score for cell in found if cell.score is not None)])
    return rows


@router.get("/{assignment}")
def sheet_page(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """One assignment: its buttons, due dates, who handed in, and how the scores are spread."""
    return _sheet(request, place, assignment, desk, "sheet.html")


@router.get("/{assignment}/live")
def sheet_live(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """The part of it that changes by itself."""
    desk.board.sheet(place.course, assignment)
    return _sheet(request, place, assignment, desk, "sheet_live.html")


def _sheet(request: Request, place: Taught, assignment: AssignmentName, desk: Desk, template: str) -> Response:
    w, course = desk.wording(request), place.course
    buildable: Any = desk.in_curriculum(course).get(assignment)
    released = [s for s in desk.board.sheets([course], withdrawn=True) if s.assignment == assignment]
    if not released and buildable is None:
        raise no_such(course, assignment)
    handed = desk.board.newest(course, assignment)
    students = _everybody(place, handed, w)
    cells = _cells(desk, course, released, handed, students)
    rows = sorted(cells.values(), key=lambda cell: (w.name_of(cell.user), cell.user))
    scores = [cell.score for cell in rows if cell.score is not None]
    progress = desk.exchange.progress(place.caller, course, assignment)
    collected = desk.board.collected_up_to(course, assignment)
    return desk.page(
        request,
        template,
        w=w,
        course=course,
        assignment=assignment,
        title=(released[0] if released else buildable).title,
        sheet=released[0] if released else None,
        can_build=buildable is not None,
        students=students,
        handed=handed,
        rows=[{"cell": cell, "reasons": w.reasons(cell.handed) if cell.handed else ""} for cell in rows],
        busy=progress.queued + progress.running,
        progress=progress,
        preview=desk.exchange.regrading.preview(place.caller, course, assignment),
        fresh=sum(h.row.sequence > collected for h in handed),
        undecided=sum(case.decision is None for case in cases(desk, place, assignment, handed)),
        comparable=len(comparable(released[0], [h.row.user for h in handed], w.now) or ()) > 1 if released else False,
        spread=distribution(scores, released[0].max_score) if released else None,
    )


@router.get("/{assignment}/submissions.zip")
def submissions_zip(place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """Everything that was handed in, as one ZIP that is written while it is sent."""
    pieces = desk.exchange.archive(place.caller, place.course, assignment)
    headers = {"Content-Disposition": f'attachment; filename="{place.course}-{assignment}.zip"'}
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


@router.get("/{assignment}/students/{user}")
def student_page(request: Request, place: TheTaught, assignment: TheAssignment, user: str, desk: TheDesk) -> Response:
    """One student's work on one assignment: everything, as staff see it."""
    w, course, name = desk.wording(request), place.course, UserName(user)
    sheet = desk.board.sheet(course, assignment)
    handed = desk.board.handed(course, assignment=assignment, user=name)
    if not handed and name not in place.students:
        raise no_student(course, name)
    final = desk.finals(course, assignment).get(name)
    marks = desk.marks(course, assignment, name)
    verdict = handed[0].verdict if handed else None
    return desk.page(
        request,
        "student.html",
        w=w,
        work=work_of(sheet, name, handed, now=w.now, final=final),
        cell=cell_of(handed[0], final) if handed else None,
        sections=desk.sections(sheet, verdict, w),
        marks=marks,
        fetched=desk.board.fetched(course, assignment).get((name, assignment)),
        comments=comments_beside(marks, verdict.cells if verdict else {}),
        history=desk.exchange.regrading.history(place.caller, course, [h.row for h in handed]),
        reasons=w.reasons(handed[0]) if handed else "",
        formgrader=desk.formgrader_link(request, place.caller, course),
    )
