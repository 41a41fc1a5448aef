"""The report of similar work, for a course's staff, after the due date: pairs, and two works side by side.

It accuses nobody and changes no grade; nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from bitgoeul.errors import Conflict, InputError, NotFound, shorten
from bitgoeul.exchange.contents import Contents, DamagedBlob
from bitgoeul.grading.similarity import Given, Pair, Report, Work, compare, read_given, read_work
from bitgoeul.names import AssignmentName, CourseName
from bitgoeul.portal.desk import Desk, TheAssignment, TheDesk, TheTaught
from bitgoeul.portal.rules import comparable
from bitgoeul.portal.store import Handed, Sheet
from bitgoeul.wire import SubmissionRow

router = APIRouter(prefix="/teach/{course}/{assignment}")
_MOST_KEPT = 20
_HUES = 6


@dataclass(frozen=True)
class Alike:
    """A report with the works it speaks of, by student."""

    report: Report
    works: Mapping[str, Work]

    def pair(self, left: str, right: str) -> Pair:
        """The pair of these two; `NotFound` when they are not alike."""
        for pair in self.report.pairs:
            if {pair.left, pair.right} == {left, right}:
                return pair
        raise NotFound(
            ko=f"{shorten(left)}와(과) {shorten(right)}의 비슷한 제출물이 없습니다. 목록에서 고르세요.",
            en=f"There is no similar work of {shorten(left)} and {shorten(right)}. Choose a pair from the list.",
        )


@dataclass(frozen=True)
class Stretch:
    """Consecutive lines of one work that belong to the same matching parts; none for what matches nothing."""

    first: int
    text: str
    parts: tuple[int, ...]
    begins: tuple[int, ...]

    @property
    def hue(self) -> int:
        """One of a few colours; the number beside it tells parts of one colour apart."""
        return (self.parts[0] - 1) % _HUES if self.parts else 0


def compared(sheet: Sheet, newest: list[Handed], contents: Contents, users: list[str]) -> Alike:
    """Read the newest submissions of these students and compare them."""
    given: dict[int, Given] = {}
    works = {}
    for row in (handed.row for handed in newest if handed.row.user in users):
        version = row.release_version
        if version not in given:
            language = sheet.languages[0]  # both have the same code
            files = contents.release_files(sheet.course, sheet.assignment, version=version, language=language)
            given[version] = read_given(files)
        works[row.user] = read_work(row.user, _files(contents, row), given[version])
    return Alike(compare(works.values()), works)


def _files(contents: Contents, row: SubmissionRow) -> Mapping[str, bytes]:
    try:
        return contents.submission_files(row)
    except (InputError, DamagedBlob):  # the log has it; the others are compared all the same
        return {}


def require_comparable(sheet: Sheet, newest: list[Handed], now: datetime) -> list[str]:
    """Whose work may be compared; refuse before the due date: what is still being written is nobody's to compare."""
    users = comparable(sheet, [handed.row.user for handed in newest], now)
    if users is None:
        raise Conflict(
            ko="비슷한 제출물은 마감이 지난 뒤에 볼 수 있는데 이 과제는 마감이 없거나 지나지 않았습니다. 마감 뒤에 다시 여세요.",
            en="Similar work shows after the due date, and this assignment has none or it is to come. Open this again after it.",
        )
    return users


def _alike(desk: Desk, course: CourseName, assignment: AssignmentName) -> tuple[Sheet, Alike]:
    sheet = desk.board.sheet(course, assignment)
    newest = desk.board.newest(course, assignment)
    users = require_comparable(sheet, newest, desk.exchange.clock.now())
    key = (course, assignment, tuple(h.row.sequence for h in newest if h.row.user in users))
    if key not in desk.reports:
        while len(desk.reports) >= _MOST_KEPT:
            desk.reports.pop(next(iter(desk.reports)), None)
        desk.reports[key] = compared(sheet, newest, desk.exchange.contents, users)
    return sheet, desk.reports[key]


@router.get("/similar")
def similar_page(request: Request, place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """The pairs, the most similar first."""
    sheet, alike = _alike(desk, place.course, assignment)
    w = desk.wording(request)
    return desk.page(request, "similar.html", w=w, sheet=sheet, report=alike.report)


@router.get("/similar.json")
def similar_json(place: TheTaught, assignment: TheAssignment, desk: TheDesk) -> Response:
    """The same for programs."""
    return JSONResponse(asdict(_alike(desk, place.course, assignment)[1].report))


@router.get("/similar/{left}/{right}")
def pair_page(
    request: Request, place: TheTaught, assignment: TheAssignment, left: str, right: str, desk: TheDesk
) -> Response:
    """Two works side by side."""
    sheet, alike = _alike(desk, place.course, assignment)
    pair = alike.pair(left, right)
    sides = [
        ("left", pair.left, stretches(alike.works[pair.left], {part.number: part.left for part in pair.parts})),
        ("right", pair.right, stretches(alike.works[pair.right], {part.number: part.right for part in pair.parts})),
    ]
    return desk.page(request, "pair.html", w=desk.wording(request), sheet=sheet, pair=pair, sides=sides)


def stretches(work: Work, parts: Mapping[int, tuple[int, int]]) -> list[Stretch]:
    """Cut a work where a part begins or ends. `parts` are the first and last lines by the part's number."""
    where = [
        tuple(number for number, (first, last) in parts.items() if first <= line <= last)
        for line in range(1, len(work.lines) + 1)
    ]
    found: list[Stretch] = []
    seen: set[int] = set()
    line = 1
    for numbers, group in groupby(where):
        count = len(list(group))
        text = "\n".join(work.lines[line - 1 : line - 1 + count])
        found.append(Stretch(line, text, numbers, tuple(n for n in numbers if n not in seen)))
        seen |= set(numbers)
        line += count
    return found
