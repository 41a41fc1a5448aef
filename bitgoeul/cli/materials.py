"""Builds the curriculum's courses into their nbgrader folders, and only what has changed since the last time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import bitgoeul
from bitgoeul.curriculum.loading import course_folders, load_course
from bitgoeul.curriculum.model import Assignment, Course
from bitgoeul.errors import CourseError
from bitgoeul.settings import Settings

BUILT = ".built.json"
"""In a course's state folder: the hash of what each assignment was built from."""

_BUILDERS = [
    Path(bitgoeul.__file__).parent / name for name in ("curriculum", "grading/gradebook.py", "cli/materials.py")
]


def build(settings: Settings, say: Callable[[str], None]) -> None:
    """Write source, release and gradebook rows of every assignment that changed, one line for each."""
    if not settings.academy.curriculum.is_dir():
        return
    builder = hash_of(_BUILDERS)
    for folder in course_folders(settings.academy.curriculum):
        try:
            _build_course(settings, load_course(folder), builder, say)
        except CourseError as error:
            # One author's slip may not keep everybody else out: the course stays as it was.
            say(f"{error.text.ko}\n{error.text.en}")


def _build_course(settings: Settings, course: Course, builder: str, say: Callable[[str], None]) -> None:
    stamps = read_stamps(settings, course)
    for assignment in course.assignments:
        about = [assignment.folder, *(path for path in [course.folder / "course.toml"] if path.is_file())]
        wanted = f"{builder}:{settings.academy.language}:{hash_of(about)}"
        if stamps.get(assignment.name) != wanted:
            say(f"  {course.name}/{assignment.name}  {assignment.title.ko} / {assignment.title.en}")
            _write(settings, assignment)
            stamps[assignment.name] = wanted
            write_stamps(settings, course, stamps)


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


def read_stamps(settings: Settings, course: Course) -> dict[str, str]:
    """Give the hashes of the last build; none if there was none."""
    try:
        stamps: dict[str, str] = json.loads((settings.course_folder(course.name) / BUILT).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return stamps


def write_stamps(settings: Settings, course: Course, stamps: dict[str, str]) -> None:
    """Remember the hashes, after what they stand for was written."""
    folder = settings.course_folder(course.name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BUILT).write_text(json.dumps(stamps, indent=1, sort_keys=True))


def _write(settings: Settings, assignment: Assignment) -> None:
    # Building needs nbconvert and nbgrader, a second of imports that a start without changes does without.
    from bitgoeul.curriculum.building import build as build_assignment
    from bitgoeul.grading.gradebook import CourseBook

    built = build_assignment(assignment)
    language = settings.academy.language if settings.academy.language in built.languages else built.languages[0]
    book = CourseBook(settings.course_folder(assignment.course), assignment.course)
    book.prepare(assignment.name, built.source[language], built.release[language], assignment.due)
