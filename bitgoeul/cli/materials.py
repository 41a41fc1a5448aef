"""Builds the curriculum's courses into their nbgrader folders, and only what has changed since the last time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import bitgoeul
from bitgoeul.errors import CourseError
from bitgoeul.settings import Settings

if TYPE_CHECKING:
    from bitgoeul.curriculum.model import Assignment, Course

STAMPS = "built.json"
"""In the state's `courses` folder: what each assignment, and under "" the whole curriculum, was built from."""

_BUILDERS = [
    Path(bitgoeul.__file__).parent / name
    for name in (
        "curriculum",
        "cli/materials.py",
        *(f"grading/{name}.py" for name in ("gradebook", "sanitise", "notebooks")),
    )
]
Say = Callable[[str], None]


def build(settings: Settings, say: Say) -> None:
    """Write source, release and gradebook rows of every assignment that changed, one line for each."""
    curriculum = settings.academy.curriculum
    if not curriculum.is_dir():
        return
    builder = f"{hash_of(_BUILDERS)}:{settings.academy.language}"
    whole = f"{builder}:{hash_of([curriculum])}"
    stamps = read_stamps(settings)
    if stamps.get("") != whole:
        say("강좌를 만들고 있습니다 / Building the courses")
        if _build_all(settings, stamps, builder, say):
            write_stamps(settings, {**stamps, "": whole})


def _build_all(settings: Settings, stamps: dict[str, str], builder: str, say: Say) -> bool:
    # A start without changes, the usual one, does without the two seconds in which these import nbgrader.
    from bitgoeul.curriculum.loading import course_folders, load_course

    complete = True
    for folder in course_folders(settings.academy.curriculum):
        try:
            _build_course(settings, load_course(folder), stamps, builder, say)
        except CourseError as error:
            # One author's slip may not keep everybody else out: the course stays as it was.
            say(f"{error.text.ko}\n{error.text.en}")
            complete = False
    return complete


def _build_course(settings: Settings, course: Course, stamps: dict[str, str], builder: str, say: Say) -> None:
    for assignment in course.assignments:
        about = [assignment.folder, *(path for path in [course.folder / "course.toml"] if path.is_file())]
        wanted = f"{builder}:{hash_of(about)}"
        key = f"{course.name}/{assignment.name}"
        if stamps.get(key) != wanted:
            say(f"  {key}  {assignment.title.ko} / {assignment.title.en}")
            _write(settings, assignment)
            stamps[key] = wanted
            write_stamps(settings, stamps)


def hash_of(paths: Iterable[Path]) -> str:
    """Hash files, and all files under folders, by relative name and content."""
    digest = hashlib.sha256()
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            if file.is_file() and "__pycache__" not in file.parts and ".ipynb_checkpoints" not in file.parts:
                digest.update(f"{file.relative_to(path.parent).as_posix()}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def read_stamps(settings: Settings) -> dict[str, str]:
    """Give the hashes of the last build; none if there was none, or if its courses are gone."""
    try:
        stamps: dict[str, str] = json.loads((settings.state / "courses" / STAMPS).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    courses = {key.partition("/")[0] for key in stamps if key}
    gone = [name for name in courses if not (settings.state / "courses" / name / "gradebook.db").is_file()]
    return {} if gone else stamps


def write_stamps(settings: Settings, stamps: dict[str, str]) -> None:
    """Remember the hashes, after what they stand for was written."""
    (settings.state / "courses").mkdir(parents=True, exist_ok=True)
    (settings.state / "courses" / STAMPS).write_text(json.dumps(stamps, indent=1, sort_keys=True))


def _write(settings: Settings, assignment: Assignment) -> None:
    from bitgoeul.curriculum.building import build as build_assignment
    from bitgoeul.grading.gradebook import CourseBook

    built = build_assignment(assignment)
    language = settings.academy.language if settings.academy.language in built.languages else built.languages[0]
    book = CourseBook(settings.course_folder(assignment.course), assignment.course)
    book.prepare(assignment.name, built.source[language], built.release[language], assignment.due)
