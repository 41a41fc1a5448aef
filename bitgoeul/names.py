"""Names that may stand in a path, a URL and a Hub group: checked once, then trusted.

A name is a `str` of its own type, so a function that takes a `CourseName` cannot be handed what a
client sent. ASCII only: look-alike letters would make two names that a person cannot tell apart.
People's real names, Korean ones above all, are display names and never keys.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self

from bitgoeul.errors import InvalidName, shorten

_KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LOOSE = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\- ]*[A-Za-z0-9_\-])?")
_USER = re.compile(r"[a-z0-9_](?:[a-z0-9_.@\-]*[a-z0-9_\-])?")


class Name(str):
    """The base of all names; `Name(text)` raises `InvalidName` unless the text fits."""

    pattern: ClassVar[re.Pattern[str]] = _KEBAB
    longest: ClassVar[int] = 30
    noun_ko: ClassVar[str] = "이름"
    noun: ClassVar[str] = "name"
    allowed_ko: ClassVar[str] = "영어 소문자, 숫자, 붙임표(-)"
    allowed: ClassVar[str] = "lower-case letters, digits and single hyphens"

    def __new__(cls, text: str) -> Self:
        """Check the text; the result is the same string with a type that says so."""
        fits = isinstance(text, str) and len(text) <= cls.longest and cls.pattern.fullmatch(text)
        if not fits or ".." in text:
            raise InvalidName(
                ko=f"{cls.noun_ko}에는 {cls.allowed_ko}만 {cls.longest}자까지 쓸 수 있는데 {shorten(text)}을(를) 받았습니다.",
                en=f"A {cls.noun} takes {cls.allowed}, at most {cls.longest} characters; found {shorten(text)}.",
            )
        return super().__new__(cls, text)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        """Let pydantic models take names as they are written."""
        from pydantic_core import core_schema  # only where pydantic already runs

        return core_schema.no_info_after_validator_function(cls._from_pydantic, core_schema.str_schema())

    @classmethod
    def _from_pydantic(cls, text: str) -> Self:
        try:
            return cls(text)
        except InvalidName as error:
            raise ValueError(error.text.en) from None


class CourseName(Name):
    """A course, the suffix of the Hub groups `nbgrader-<course>` and `formgrade-<course>`, and the name
    of its instructors' Hub server, from which the 30 characters of `[a-z0-9-]` come.
    """

    noun_ko = "강좌 이름"
    noun = "course name"


class AssignmentName(Name):
    """An assignment. Existing nbgrader courses use upper case, spaces, dots and underscores: so may we."""

    pattern = _LOOSE
    longest = 80
    noun_ko = "과제 이름"
    noun = "assignment name"
    allowed_ko = "영어 글자, 숫자, 빈칸, 점, 밑줄, 붙임표"
    allowed = "letters, digits, spaces, dots, underscores and hyphens (no space or dot at its ends)"


class UserName(Name):
    """A Hub user."""

    pattern = _USER
    longest = 64
    noun_ko = "사용자 이름"
    noun = "user name"
    allowed_ko = "영어 소문자, 숫자, 점, 밑줄, 붙임표, @"
    allowed = "lower-case letters, digits, dots, underscores, hyphens and @ (no dot at its end)"


class CohortName(Name):
    """A cohort, the suffix of the Hub group `cohort-<cohort>`."""

    noun_ko = "기수 이름"
    noun = "cohort name"


class TeamName(Name):
    """A hackathon team's key."""

    noun_ko = "팀 이름"
    noun = "team name"


def student_group(course: CourseName) -> str:
    """Name the Hub group of a course's students, as nbgrader does."""
    return f"nbgrader-{course}"


def staff_group(course: CourseName) -> str:
    """Name the Hub group of a course's staff, as nbgrader does."""
    return f"formgrade-{course}"


def cohort_group(cohort: CohortName) -> str:
    """Name the Hub group of a cohort's members."""
    return f"cohort-{cohort}"
