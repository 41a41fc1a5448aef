"""Reads curriculum/<track>/<course>/ and tells every fault of the whole tree at once.

A course is a folder with a `course.toml`, or with nbgrader's own `source/`, which needs no `course.toml`.
Nothing is listed twice: assignments are the folders that hold an `assignment.py` (or a notebook), and
`course.toml` says what cannot be read from them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bitgoeul.curriculum.building import build
from bitgoeul.curriculum.model import Assignment, Course, Results
from bitgoeul.errors import CourseError, Fault, InvalidName, NotFound, Text, shorten
from bitgoeul.names import AssignmentName, CourseName
from bitgoeul.settings import Bilingual, Level, Lines
from bitgoeul.wire import Compute

# Other features keep their folders in curriculum/ too.
NOT_TRACKS = frozenset({"challenges"})


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Assignment(_Frozen):
    title: Bilingual
    summary: Bilingual
    objectives: tuple[str, ...] = Field(min_length=1)
    minutes: int = Field(ge=1)
    cpu_seconds: float = Field(gt=0)
    results: Results = "now"
    due: AwareDatetime | None = None
    compute: Compute = "cpu"
    minimum_level: Level | None = None


class _PlainAssignment(_Frozen):
    title: Bilingual | None = None
    summary: Bilingual | None = None
    objectives: tuple[str, ...] = ()
    minutes: int = Field(60, ge=1)
    cpu_seconds: float = Field(30, gt=0)
    results: Results = "now"
    due: AwareDatetime | None = None
    compute: Compute = "cpu"
    minimum_level: Level | None = None


class _Course(_Frozen):
    title: Bilingual
    summary: Bilingual
    assignments: dict[str, _Assignment] = {}


class _PlainCourse(_Frozen):
    title: Bilingual | None = None
    summary: Bilingual | None = None
    assignments: dict[str, _PlainAssignment] = {}


def load_courses(root: Path, *, whole: bool = False) -> tuple[Course, ...]:
    """Read every course below `root`; raise `CourseError` with every fault at once. `whole` also builds every
    assignment, so that the faults of its cells, friends and mutants are told in the same breath.
    """
    faults: list[Fault] = []
    courses: list[Course] = []
    for folder in course_folders(root):
        try:
            courses.append(load_course(folder, whole=whole))
        except CourseError as error:
            faults.extend(error.faults)
    faults.extend(_doubled(courses))
    if faults:
        raise CourseError(faults)
    return tuple(courses)


def load_course(folder: Path, *, whole: bool = False) -> Course:
    """Read one course as `load_courses` does."""
    faults: list[Fault] = []
    plain = (folder / "source").is_dir()
    record = _record(folder, plain, faults)
    name = _name(CourseName, folder, faults)
    assignments = _assignments(folder, plain, record, name or CourseName("unnamed"), faults)
    if whole:
        faults.extend(_built_faults(assignments))
    if faults or name is None or record is None:
        raise CourseError(faults)
    title = record.title.text if record.title else Text(name, name)
    summary = record.summary.text if record.summary else Text("", "")
    return Course(name, title, summary, folder, folder.parent.name, assignments)


def find_course(courses: Iterable[Course], name: str) -> Course:
    """Find a course by its name; raise `NotFound` that lists the names there are."""
    courses = tuple(courses)
    for course in courses:
        if course.name == name:
            return course
    known = ", ".join(course.name for course in courses) or "-"
    raise NotFound(
        ko=f"{shorten(name)} 강좌가 없습니다. 있는 강좌: {known}",
        en=f"There is no course {shorten(name)}. There are: {known}",
    )


def find_assignment(course: Course, name: str) -> Assignment:
    """Find an assignment by its name; raise `NotFound` that lists the names there are."""
    for assignment in course.assignments:
        if assignment.name == name:
            return assignment
    known = ", ".join(assignment.name for assignment in course.assignments) or "-"
    raise NotFound(
        ko=f"{course.name} 강좌에 {shorten(name)} 과제가 없습니다. 있는 과제: {known}",
        en=f"The course {course.name} has no assignment {shorten(name)}. There are: {known}",
    )


def course_folders(root: Path) -> list[Path]:
    """List the folders of all courses, whole or not."""
    if not root.is_dir():
        raise CourseError(
            [Fault(str(root), 1, Text("교육과정 폴더가 없습니다.", "there is no such folder of courses."))]
        )
    tracks = [track for track in _folders(root) if track.name not in NOT_TRACKS]
    return [course for track in tracks for course in _folders(track)]


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))


def _name(kind: type[Any], folder: Path, faults: list[Fault]) -> Any:
    try:
        return kind(folder.name)
    except InvalidName as error:
        faults.append(Fault(str(folder), 1, error.text))
        return None


def _doubled(courses: list[Course]) -> list[Fault]:
    seen: dict[str, Course] = {}
    faults = []
    for course in courses:
        first = seen.setdefault(course.name, course)
        if first is not course:
            text = Text("이름이 같은 강좌가 {other}에도 있습니다.", "a course of the same name lies in {other}.")
            faults.append(Fault(str(course.folder), 1, text.format(other=first.folder)))
    return faults


def _record(folder: Path, plain: bool, faults: list[Fault]) -> _Course | _PlainCourse | None:
    path = folder / "course.toml"
    if plain and not path.exists():
        return _PlainCourse()
    if not path.exists():
        ko = "강좌 폴더에는 course.toml이(기존 nbgrader 강좌라면 source/ 폴더가) 있어야 합니다."
        faults.append(
            Fault.of(path, 1, ko, "a course's folder needs a course.toml (or, from nbgrader, a folder source/).")
        )
        return None
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, ValueError) as error:
        line = re.search(r"line (\d+)", str(error))
        ko = f"UTF-8로 쓴 TOML이어야 합니다: {error}"
        faults.append(Fault.of(path, int(line[1]) if line else 1, ko, f"TOML in UTF-8 was wanted: {error}"))
        return None
    lines = Lines(path, text)
    try:
        record = _PlainCourse.model_validate(data) if plain else _Course.model_validate(data)
    except ValidationError as error:
        faults.extend(field_faults(error, lines))
        return None
    faults.extend(_strangers(folder, plain, record, lines))
    return record


def field_faults(error: ValidationError, lines: Lines) -> list[Fault]:
    """Say each fault that pydantic found with its line; challenges are read with it too."""
    faults = []
    for found in error.errors():
        where = found["loc"]
        field = ".".join(str(part) for part in where)
        if found["type"] == "extra_forbidden":
            text = Text(
                f"{field}: 모르는 항목입니다. 지우거나 철자를 고치십시오.",
                f"{field}: this key is not known; take it out or mend its spelling.",
            )
        elif found["type"] == "missing":
            text = Text(f"{field}: 이 항목이 없습니다.", f"{field}: this key is missing.")
        else:
            value = shorten(found["input"])
            text = Text(
                f"{field}: 값이 맞지 않습니다({found['msg']}). 받은 값: {value}",
                f"{field}: {found['msg']}; found {value}.",
            )
        faults.append(Fault(str(lines.path), lines.line(where), text))
    return faults


def _strangers(folder: Path, plain: bool, record: _Course | _PlainCourse, lines: Lines) -> list[Fault]:
    """Find tables of `course.toml` that no folder answers to."""
    there = {path.name for path in _assignment_folders(folder, plain)}
    text = Text(
        "assignments.{name}: 이 이름의 과제 폴더가 없습니다(assignment.py가 든 폴더가 있어야 합니다).",
        "assignments.{name}: no folder of this name holds an assignment.py.",
    )
    return [
        Fault(str(lines.path), lines.line(("assignments", name)), text.format(name=name))
        for name in record.assignments
        if name not in there
    ]


def _assignment_folders(folder: Path, plain: bool) -> list[Path]:
    if plain:
        return [path for path in _folders(folder / "source") if any(path.rglob("*.ipynb"))]
    return [path for path in _folders(folder) if (path / "assignment.py").is_file()]


def _assignments(
    folder: Path, plain: bool, record: _Course | _PlainCourse | None, course: CourseName, faults: list[Fault]
) -> tuple[Assignment, ...]:
    found = []
    for path in _assignment_folders(folder, plain):
        name = _name(AssignmentName, path, faults)
        fields = record.assignments.get(path.name) if record else None
        if not plain and record and fields is None:
            text = Text("[assignments.{name}] 표가 없습니다.", "the table [assignments.{name}] is missing.")
            faults.append(Fault(str(folder / "course.toml"), 1, text.format(name=path.name)))
        if name:
            found.append(_assignment(course, name, path, plain, fields or _PlainAssignment()))
    if not found and not faults:
        faults.append(Fault(str(folder), 1, Text("과제가 하나도 없습니다.", "this course has no assignment.")))
    return tuple(found)


def _built_faults(assignments: tuple[Assignment, ...]) -> list[Fault]:
    faults: list[Fault] = []
    for assignment in assignments:
        try:
            build(assignment)
        except CourseError as error:
            faults.extend(error.faults)
    return faults


def _assignment(
    course: CourseName, name: AssignmentName, path: Path, plain: bool, fields: _Assignment | _PlainAssignment
) -> Assignment:
    return Assignment(
        course=course,
        name=name,
        title=fields.title.text if fields.title else Text(name, name),
        summary=fields.summary.text if fields.summary else Text("", ""),
        folder=path,
        objectives=fields.objectives,
        minutes=fields.minutes,
        cpu_seconds=fields.cpu_seconds,
        results=fields.results,
        due=fields.due,
        compute=fields.compute,
        minimum_level=fields.minimum_level,
        plain=plain,
    )
