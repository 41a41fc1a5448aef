"""What every page of the portal stands on: the settings, the exchange, what it stored, and the words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from starlette.responses import Response

from bitgoeul.curriculum.model import Course
from bitgoeul.errors import InvalidName, NotFound, Text, shorten
from bitgoeul.exchange.service import Exchange
from bitgoeul.gpus.store import Leases
from bitgoeul.names import AssignmentName, CourseName, UserName, student_group
from bitgoeul.people.roster import display_name
from bitgoeul.portal import flash
from bitgoeul.portal.marks import Marks
from bitgoeul.portal.questions import Section, outline, sections
from bitgoeul.portal.store import Board, Sheet
from bitgoeul.portal.wording import Wording
from bitgoeul.settings import Settings
from bitgoeul.web import pages
from bitgoeul.web.auth import Caller, CurrentPerson, authority_of
from bitgoeul.wire import Verdict

_MOST_OUTLINES = 500
TEMPLATES = Path(__file__).parent / "templates"

#: The gradebook's points of an assignment, manual ones included, by student.
Finals = Callable[[CourseName, AssignmentName], Mapping[str, float]]

#: Gives a student's cell points by hand (none takes them away); what stood there by hand before.
ByHand = Callable[[CourseName, AssignmentName, UserName, str, float | None], float | None]


@dataclass(frozen=True)
class Desk:
    """One for the whole app; `build_app` keeps it in `app.state.desk`.

    `people` gives the settings with the imported people in them; `level` gives the sandbox's proved level, and may have
    to wait for the proof; `outlines` remembers the headings of releases, which never change; `reports` remembers reports
    of similar work (`alike`) by the submissions they speak of; `gpus` is the book of leases, if any is lent; `challenges`
    says whether any hackathon was opened, and `boards` keeps what was rendered of their boards by its ETag.
    """

    settings: Settings
    exchange: Exchange
    courses: tuple[Course, ...]
    finals: Finals
    marks: Marks
    by_hand: ByHand
    level: Callable[[], str] = lambda: "none"
    people: Callable[[], Settings] | None = None
    gpus: Leases | None = None
    challenges: Callable[[], bool] = lambda: False
    outlines: dict[tuple[str, str, int, str], dict[str, str]] = field(default_factory=dict)
    reports: dict[tuple[str, str, tuple[int, ...]], Any] = field(default_factory=dict)
    boards: dict[str, bytes] = field(default_factory=dict)

    @property
    def roster(self) -> Settings:
        """The settings with the imported people and the enrolments of now."""
        return self.people() if self.people else self.settings

    @property
    def board(self) -> Board:
        """What is stored."""
        return Board(self.exchange.database)

    def title(self, name: str) -> Text:
        """A course's title; its name when its files are gone from the curriculum."""
        return next((course.title for course in self.courses if course.name == name), Text(name, name))

    def summary(self, sheet: Sheet) -> Text | None:
        """What an assignment is about, if the curriculum says so."""
        found = self.in_curriculum(sheet.course)
        return next((a.summary for name, a in found.items() if name == sheet.assignment and a.summary.ko), None)

    def in_curriculum(self, course: CourseName) -> Mapping[str, Any]:
        """The course's assignments that can be built, by name."""
        return {a.name: a for found in self.courses if found.name == course for a in found.assignments}

    def sections(self, sheet: Sheet, verdict: Verdict | None, w: Wording) -> list[Section]:
        """A verdict below the headings of its notebooks, in the reader's language if there is one."""
        if verdict is None:
            return []
        place = (sheet.course, sheet.assignment, sheet.version, w.language)
        if place not in self.outlines:
            if len(self.outlines) >= _MOST_OUTLINES:
                self.outlines.clear()
            self.outlines[place] = outline(self._notebooks(sheet, w.language))
        return sections(verdict, self.outlines[place])

    def _notebooks(self, sheet: Sheet, language: str) -> dict[str, bytes]:
        chosen = language if language in sheet.languages else sheet.languages[0]
        files = self.exchange.contents.release_files(
            sheet.course, sheet.assignment, version=sheet.version, language=chosen
        )
        return {name: data for name, data in files.items() if name in sheet.notebooks}

    def wording(self, request: Request) -> Wording:
        """The words for this reader at this moment."""
        tongue = pages.language(request)
        now, roster = self.exchange.clock.now(), self.roster
        return Wording(tongue, roster.zone, now, lambda user: display_name(roster, user, tongue))

    def page(self, request: Request, template: str, *, w: Wording, **context: Any) -> Response:
        """A page with the words, the titles of courses, and what was just done."""
        titles = {course.name: w.say(course.title) for course in self.courses}
        notebook = self._notebook_link(request, w)
        done = flash.told(request)
        always: dict[str, Any] = {
            "w": w,
            "course_titles": titles,
            "done": done,
            "notebook": notebook,
            "gpus_lent": self.gpus is not None,
            "challenges_open": self.challenges(),
        }
        answer = pages.render(request, template, **always, **context)
        flash.forget(request, answer)
        return answer

    @staticmethod
    def _notebook_link(request: Request, w: Wording) -> Callable[[Sheet], str]:
        """The lab fetches what is not there yet, then opens it; the Hub starts the lab if it has to."""
        link = authority_of(request).link

        def address(sheet: Sheet) -> str:
            query = {"course": sheet.course, "assignment": sheet.assignment, "language": w.language}
            return link.browser_url(f"user-redirect/bitgoeul/open?{urlencode(query)}")

        return address

    @staticmethod
    def formgrader_link(request: Request, caller: Caller, course: CourseName) -> str:
        """The instructor's lab of this course, opened at formgrader."""
        link, user = authority_of(request).link, quote(caller.user, safe="@")
        next_url = f"{link.base_url}user/{user}/{course}/formgrader"
        return link.browser_url(f"spawn/{user}/{course}?{urlencode({'next': next_url})}")


async def desk_of(request: Request) -> Desk:
    """The desk that `build_app` put on the app."""
    found: Desk = request.app.state.desk
    return found


TheDesk = Annotated[Desk, Depends(desk_of)]


@dataclass(frozen=True)
class Taught:
    """A course that the caller teaches, and its students by the Hub's word."""

    caller: Caller
    course: CourseName
    students: tuple[UserName, ...]


async def taught(request: Request, course: str, caller: CurrentPerson) -> Taught:
    """Refuse everybody but the course's staff, then ask the Hub who its students are."""
    name = CourseName(course)
    caller.require_staff(name)
    members = await authority_of(request).hub.members(student_group(name))
    return Taught(caller, name, tuple(UserName(member) for member in members if _can_work_here(member)))


def _can_work_here(member: str) -> bool:
    """A Hub may hold names that no path could; `web.auth` refuses such a user, and lists leave him out."""
    try:
        UserName(member)
    except InvalidName:
        return False
    return True


TheTaught = Annotated[Taught, Depends(taught)]


def assignment_of(assignment: str) -> AssignmentName:
    """Check the name in the path."""
    return AssignmentName(assignment)


TheAssignment = Annotated[AssignmentName, Depends(assignment_of)]


def address(request: Request, *parts: str) -> str:
    """The address of one of our pages."""
    return authority_of(request).link.prefix + "/".join(quote(part, safe="@") for part in parts)


def no_student(course: str, user: str) -> NotFound:
    """The one sentence for somebody who does not take the course."""
    return NotFound(
        ko=f"{course} 강좌에 {shorten(user)} 학생이 없습니다. 목록에서 고르세요.",
        en=f"{course} has no student {shorten(user)}. Choose one from the list.",
    )
