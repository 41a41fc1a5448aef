"""Turns an assignment into the notebooks that instructors keep (source) and students get (release).

The same files always give the same bytes: cell ids come from grade_ids and code, never from chance. Code
cells are byte for byte the same in both languages, so proving the tests in one language proves both.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bitgoeul.curriculum.lesson import Lesson, read_lesson
from bitgoeul.curriculum.model import LANGUAGES, Assignment, Language
from bitgoeul.curriculum.percent import RESERVED, Cell, marker_of
from bitgoeul.curriculum.plain import read_notebook, release_settings
from bitgoeul.curriculum.releasing import ReleaseSettings, release_from_source
from bitgoeul.errors import CourseError, Fault

__all__ = ["Built", "build", "release_from_source", "settings_of", "submission"]

# What editors and systems leave behind, which nobody hands to students.
LEFT_BEHIND = frozenset({"__pycache__", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db"})

Files = dict[str, bytes]


@dataclass(frozen=True)
class Built:
    """An assignment's files by language and relative path; `notebooks` are the names without `.ipynb`."""

    languages: tuple[str, ...]
    source: dict[str, Files]
    release: dict[str, Files]
    max_score: float
    notebooks: tuple[str, ...]
    lesson: Lesson | None = None

    def data(self, language: str) -> Files:
        """Give the files beside the notebooks, which a submission may read."""
        names = {f"{name}.ipynb" for name in self.notebooks}
        return {path: content for path, content in self.release[language].items() if path not in names}


def build(assignment: Assignment) -> Built:
    """Build both languages; raise `CourseError` with every fault of the assignment at once."""
    return _build_plain(assignment) if assignment.plain else _build_lesson(assignment)


def submission(source: bytes, release: bytes, replacements: dict[str, str] | None = None) -> bytes:
    """Make what a student hands in: the release with its answers filled in, from `replacements` (whole cells
    by grade_id) and else from the source.
    """
    replacements = replacements or {}
    answers = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in nbformat.reads(source.decode(), as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    notebook = nbformat.reads(release.decode(), as_version=4)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            text = replacements.get(grade_id, answers[grade_id])
            cell.source = "\n".join(line for line in text.split("\n") if marker_of(line) is None)
    return written(notebook)


def written(notebook: NotebookNode) -> bytes:
    """Write a notebook with sorted keys, so that the same notebook is the same bytes."""
    text: str = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    return f"{text.rstrip()}\n".encode()


def _build_lesson(assignment: Assignment) -> Built:
    lesson = read_lesson(assignment)
    data = _files(assignment.folder / "files")
    name = f"{assignment.stem}.ipynb"
    source: dict[str, Files] = {}
    release: dict[str, Files] = {}
    for language in LANGUAGES:
        notebook = _notebook(assignment, lesson, language)
        source[language] = {name: written(notebook), **data}
        release[language] = {name: written(release_from_source(notebook, _settings(language))), **data}
    if name in data:
        path = assignment.folder / "files" / name
        raise CourseError(
            [Fault.of(path, 1, "과제 노트북과 이름이 같습니다.", "the assignment's notebook has this name.")]
        )
    return Built(LANGUAGES, source, release, _max_score([notebook]), (assignment.stem,), lesson)


def settings_of(assignment: Assignment) -> ReleaseSettings:
    """Give the settings that decide how nbgrader makes this assignment's release."""
    return release_settings(assignment.course_folder) if assignment.plain else _settings("ko")


def _settings(language: Language) -> ReleaseSettings:
    text = "여기에 답을 쓰십시오." if language == "ko" else "YOUR ANSWER HERE"
    code = "# YOUR CODE HERE (여기에 코드를 쓰십시오)\nraise NotImplementedError()"
    return ReleaseSettings.of(ClearSolutions={"text_stub": text, "code_stub": {"python": code}})


def _notebook(assignment: Assignment, lesson: Lesson, language: Language) -> NotebookNode:
    notebook: NotebookNode = new_notebook(
        metadata={
            "bitgoeul": {
                "course": str(assignment.course),
                "assignment": str(assignment.name),
                "language": language,
                "source_sha256": hashlib.sha256(lesson.text).hexdigest(),
            },
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    counts: Counter[str] = Counter()
    for cell in lesson.cells:
        if cell.language in (None, language):
            notebook.cells.append(_cell(cell, counts))
    return notebook


def _cell(cell: Cell, counts: Counter[str]) -> NotebookNode:
    node: NotebookNode = new_markdown_cell(cell.source) if cell.markdown else new_code_cell(cell.source)
    node.id = _cell_id(cell, counts)
    node.metadata = nbformat.from_dict(_metadata(cell))
    return node


def _cell_id(cell: Cell, counts: Counter[str]) -> str:
    if cell.grade_id:
        return cell.grade_id
    key = "text" if cell.markdown else f"code-{hashlib.sha256(cell.source.encode()).hexdigest()[:8]}"
    counts[key] += 1
    return f"{RESERVED}{key}-{counts[key]}"


def _metadata(cell: Cell) -> dict[str, Any]:
    if cell.kind == "prose":
        # Not nbgrader's own lock: that would give the two languages different source cells in one gradebook.
        return {"editable": False, "deletable": False}
    if cell.kind == "plain":
        return {}
    nbgrader: dict[str, Any] = {
        "grade": cell.kind in ("test", "manual"),
        "grade_id": cell.grade_id,
        "locked": cell.kind in ("given", "test"),
        "schema_version": 3,
        "solution": cell.kind in ("solution", "manual"),
        "task": False,
    }
    if nbgrader["grade"]:
        nbgrader["points"] = int(cell.points) if cell.points.is_integer() else cell.points
    return {"nbgrader": nbgrader}


def _files(folder: Path) -> Files:
    """Read the data that lies beside the notebook; links would lead out of the curriculum."""
    found: Files = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if LEFT_BEHIND & set(relative.parts) or path.is_dir() or path.suffix == ".pyc":
            continue
        if path.is_symlink() or not path.is_file():
            raise CourseError([Fault.of(path, 1, "보통 파일이어야 합니다.", "a regular file was wanted.")])
        found[relative.as_posix()] = path.read_bytes()
    return found


def _build_plain(assignment: Assignment) -> Built:
    source = _files(assignment.folder)
    settings = settings_of(assignment)
    names = tuple(path for path in source if path.endswith(".ipynb"))
    faults: list[Fault] = []
    release = dict(source)
    notebooks = []
    for name in names:
        try:
            notebook = read_notebook(assignment.folder / name, source[name])
            release[name] = written(release_from_source(notebook, settings, place=assignment.folder / name))
            notebooks.append(notebook)
        except CourseError as error:
            faults.extend(error.faults)
    if faults:
        raise CourseError(faults)
    stems = tuple(name.removesuffix(".ipynb") for name in names)
    return Built(("ko",), {"ko": source}, {"ko": release}, _max_score(notebooks), stems)


def _max_score(notebooks: Iterable[NotebookNode]) -> float:
    cells = [cell.metadata.get("nbgrader", {}) for notebook in notebooks for cell in notebook.cells]
    return float(sum(cell["points"] for cell in cells if cell.get("grade") or cell.get("task")))
