"""A course's folder and gradebook, kept as nbgrader keeps them, so that formgrader and feedback work on them.

The exchange's own tables are what counts; everything here can be written again from them, except what people
add by hand in formgrader: manual scores, extra credit and comments. Those survive a new submission and a new
judgement wherever the answer they belong to is still the same.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import nbgrader
from alembic.script import ScriptDirectory
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Base, Comment, Grade, Gradebook, MissingEntry, SubmittedNotebook
from sqlalchemy import create_engine, text

from bitgoeul.errors import InputError, NotFound, shorten
from bitgoeul.grading import folders, notebooks
from bitgoeul.grading.engine import Judged
from bitgoeul.grading.rows import Graded, Rows, sources
from bitgoeul.grading.sanitise import grade_id, read_source
from bitgoeul.names import AssignmentName, CourseName, UserName

LatePenalty = Literal["none", "zero"]
_TWO_SYLLABLES = ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방", "어금", "망절")
_locks: dict[Path, threading.RLock] = {}
_locks_guard = threading.Lock()
_books: dict[Path, tuple[tuple[object, ...], Any]] = {}  # a folder's lock is held by whoever asks for its book


@dataclass(frozen=True)
class StudentScore:
    """One student's result in one assignment. `total` is what counts: manual before automatic, less the penalty."""

    student: str
    first_name: str
    last_name: str
    auto: float
    manual: float
    extra: float
    penalty: float
    total: float
    max_score: float
    needs_manual: bool
    late_seconds: float
    submitted_at: datetime | None


class CourseBook:
    """One course's folder. All objects for one folder share a lock, so any thread may use any of them."""

    def __init__(self, folder: Path, course: CourseName, *, late_penalty: LatePenalty = "none") -> None:
        self.folder = folder
        self.course = course
        self.late_penalty = late_penalty
        with _locks_guard:
            self._lock = _locks.setdefault(folder.resolve(), threading.RLock())

    @property
    def url(self) -> str:
        """The gradebook, as nbgrader's `CourseDirectory.db_url` wants it."""
        return f"sqlite:///{self.folder / 'gradebook.db'}"

    @contextmanager
    def _open(self) -> Iterator[Any]:
        with self._lock:
            if not (self.folder / "gradebook.db").exists():
                self._create()
            book = self._book()
            try:
                # nbgrader links new rows before it adds them, which SQLAlchemy's automatic flushing warns about.
                with book.db.no_autoflush:
                    yield book
            finally:
                book.close()

    def _book(self) -> Any:
        """The object for this very file, closed but ready for use: with a new one each statement is compiled anew."""
        known = (self.folder / "gradebook.db").stat()
        key, mark = self.folder.resolve(), (known.st_dev, known.st_ino, self.url, self.course)
        if key not in _books or _books[key][0] != mark:
            _books[key] = mark, Gradebook(self.url, self.course)
        return _books[key][1]

    def _create(self) -> None:
        """Make the empty gradebook. nbgrader's own way runs the `alembic` command, which may not be in PATH."""
        self.folder.mkdir(parents=True, exist_ok=True)
        head = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head()
        engine = create_engine(self.url)
        with engine.begin() as connection:
            Base.metadata.create_all(connection)
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": head})
        engine.dispose()

    def prepare(
        self,
        assignment: AssignmentName,
        source: Mapping[str, bytes],
        release: Mapping[str, bytes],
        due: datetime | None,
    ) -> None:
        """Do what `nbgrader generate_assignment` leaves behind: source, release, and the gradebook's rows.

        Unlike it, cells may be added and removed when there are submissions already: grades of cells that the
        assignment no longer has go with them.
        """
        stored = _stored(source)
        with self._open() as book:
            folders.replace(self.folder / "source" / assignment, source)
            folders.replace(self.folder / "release" / assignment, release)
            book.update_or_create_assignment(assignment, duedate=_naive(due), course_id=self.course)
            self._fit(book, assignment, stored)

    def fit(self, assignment: AssignmentName, source: Mapping[str, bytes]) -> None:
        """Make the gradebook's rows match a version of the source; the course's folders stay as they are."""
        stored = _stored(source)
        with self._open() as book:
            try:
                book.find_assignment(assignment)
            except MissingEntry:
                return  # `prepare` makes it
            self._fit(book, assignment, stored)

    def _fit(self, book: Any, assignment: AssignmentName, stored: Mapping[str, NotebookNode]) -> None:
        for gone in {notebook.name for notebook in book.find_assignment(assignment).notebooks} - set(stored):
            book.remove_notebook(gone, assignment)
        for name, notebook in stored.items():
            kernelspec = json.dumps(notebook.metadata.get("kernelspec", {}))
            book.update_or_create_notebook(name, assignment, kernelspec=kernelspec)
            _Cells(book, name, assignment).write(notebook)
        for submission in book.find_assignment(assignment).submissions:
            _complete(book, submission)

    def record(
        self,
        student: UserName,
        display_name: str,
        assignment: AssignmentName,
        begun_at: datetime,
        submission_files: Mapping[str, bytes],
        judged: Mapping[str, Judged],
        *,
        due: datetime | None = None,
    ) -> None:
        """Do what `nbgrader collect` and `autograde` leave behind. Saying it again changes nothing.

        `judged` is keyed by notebook name, without `.ipynb`. `due` is this student's own due date, if he has one.
        """
        stamped = {"timestamp.txt": f"{_naive(begun_at):%Y-%m-%d %H:%M:%S.%f} +0000".encode()}
        with self._open() as book:
            before = self._answers(student, assignment)
            folders.replace(self.folder / "submitted" / student / assignment, {**submission_files, **stamped})
            folders.replace(
                self.folder / "autograded" / student / assignment,
                {
                    **_data(submission_files),
                    **_data(folders.read(self.folder / "source" / assignment)),
                    **{f"{name}.ipynb": found.notebook for name, found in judged.items()},
                    **stamped,
                },
            )
            first, last = split_name(display_name)
            graded = {name: Graded(None, None, answers) for name, answers in before.items()}
            for name, found in judged.items():
                graded[name] = Graded(notebooks.read(found.notebook), found.verdict, before.get(name, {}))
            rows = Rows(book.db.connection())
            rows.student(student, first, last)
            zero = self.late_penalty == "zero"
            rows.submission(assignment, student, _naive(begun_at), _naive(due), graded, zero_if_late=zero)
            book.db.commit()

    def give(self, student: UserName, assignment: AssignmentName, cell: str, points: float | None) -> float | None:
        """Give a cell points by hand as formgrader would, or take them away; what it had by hand before.

        `cell` is a grade id, with `notebook/` before it where the assignment has several notebooks.
        """
        notebook, _, name = cell.rpartition("/")
        with self._open() as book:
            submission = book.find_submission(assignment, student)
            chosen = [n for n in submission.notebooks if n.name == notebook or not notebook]
            grade = next((g for n in chosen for g in n.grades if g.name == name), None)
            if grade is None:
                raise NotFound(
                    ko=f"성적부에 {student}의 {shorten(cell)} 문항이 없습니다. 다시 채점한 뒤 해 보세요.",
                    en=f"The gradebook has no cell {shorten(cell)} of {student}. Grade the work again, then retry.",
                )
            before: float | None = grade.manual_score
            grade.manual_score = points
            grade.needs_manual_grade = points is None and grade.auto_score is None
            book.db.flush()
            late = submission.total_seconds_late > 0 and self.late_penalty == "zero"
            for submitted in submission.notebooks:
                submitted.late_submission_penalty = submitted.score if late else None
            book.db.commit()
            return before

    def scores(self, assignment: AssignmentName) -> list[StudentScore]:
        """Give each student's result, in the order of their names."""
        with self._open() as book:
            try:
                submissions = book.find_assignment(assignment).submissions
            except MissingEntry:
                return []
            return sorted((_score(submission) for submission in submissions), key=lambda score: score.student)

    def needs_manual(self, assignment: AssignmentName) -> list[str]:
        """Name the students whose work waits for a person."""
        return [score.student for score in self.scores(assignment) if score.needs_manual]

    def _answers(self, student: UserName, assignment: AssignmentName) -> dict[str, dict[str, str]]:
        """The sources of all cells with an id, by notebook, as they were judged the last time."""
        found: dict[str, dict[str, str]] = {}
        for name, data in _notebooks(folders.read(self.folder / "autograded" / student / assignment)).items():
            try:
                found[name] = sources(notebooks.read(data))
            except InputError:
                continue  # written by another hand; then nothing counts as unchanged
        return found


class _Cells:
    """The gradebook's rows for the cells of one notebook."""

    def __init__(self, book: Any, notebook: str, assignment: str) -> None:
        self.book = book
        self.where = (notebook, assignment)

    def write(self, notebook: NotebookNode) -> None:
        """Make the rows match the notebook."""
        for kind, wanted in self._wanted(notebook).items():
            self._remove(kind, set(wanted))
            for name, values in wanted.items():
                getattr(self.book, f"update_or_create_{kind}_cell")(name, *self.where, **values)

    def _wanted(self, notebook: NotebookNode) -> dict[str, dict[str, dict[str, object]]]:
        wanted: dict[str, dict[str, dict[str, object]]] = {"grade": {}, "solution": {}, "task": {}, "source": {}}
        for cell in notebook.cells:
            name = grade_id(cell)
            if name is None:
                continue
            roles = {"grade": utils.is_grade, "solution": utils.is_solution, "task": utils.is_task}
            is_a = {role for role, test in roles.items() if test(cell)}
            worth = {"max_score": float(cell.metadata.nbgrader.get("points") or 0), "cell_type": cell.cell_type}
            for role in is_a:
                wanted[role][name] = {} if role == "solution" else worth
            if is_a or utils.is_locked(cell):
                wanted["source"][name] = {
                    "cell_type": cell.cell_type,
                    "locked": bool(utils.is_locked(cell)),
                    "source": cell.source,
                    "checksum": cell.metadata.nbgrader.get("checksum"),
                }
        return wanted

    def _remove(self, kind: str, kept: set[str]) -> None:
        for cell in getattr(self.book.find_notebook(*self.where), f"{kind}_cells"):
            if cell.name not in kept:
                for row in [*getattr(cell, "grades", ()), *getattr(cell, "comments", ())]:
                    self.book.db.delete(row)
                self.book.db.delete(cell)
        self.book.db.commit()


def split_name(display_name: str) -> tuple[str, str]:
    """Split a name into given and family name, because formgrader shows names only when it has both."""
    words = display_name.split()
    if len(words) > 1:
        return " ".join(words[:-1]), words[-1]
    name = words[0] if words else "-"
    size = 2 if name.startswith(_TWO_SYLLABLES) and len(name) > 2 else 1
    hangul = all("가" <= letter <= "힣" for letter in name)
    return (name[size:], name[:size]) if hangul and len(name) > size else (name, "-")


def _complete(book: Any, submission: Any) -> None:
    """Add what a submission lacks since the assignment got new notebooks or cells."""
    has = {submitted.notebook_id: submitted for submitted in submission.notebooks}
    for notebook in submission.assignment.notebooks:
        submitted = has.get(notebook.id)
        if submitted is None:
            submitted = SubmittedNotebook(notebook=notebook, assignment=submission)
            book.db.add(submitted)
        graded = {grade.cell_id for grade in submitted.grades}
        commented = {comment.cell_id for comment in submitted.comments}
        for cell in (*notebook.grade_cells, *notebook.task_cells):
            if cell.id not in graded:
                book.db.add(Grade(cell_id=cell.id, notebook=submitted))
        for cell in (*notebook.solution_cells, *notebook.task_cells):
            if cell.id not in commented:
                book.db.add(Comment(cell_id=cell.id, notebook=submitted))
    book.db.commit()


def _score(submission: Any) -> StudentScore:
    grades = [grade for submitted in submission.notebooks for grade in submitted.grades]
    penalty = sum(submitted.late_submission_penalty or 0.0 for submitted in submission.notebooks)
    return StudentScore(
        student=submission.student.id,
        first_name=submission.student.first_name or "",
        last_name=submission.student.last_name or "",
        auto=sum(grade.auto_score or 0.0 for grade in grades),
        manual=sum(grade.manual_score or 0.0 for grade in grades),
        extra=sum(grade.extra_credit or 0.0 for grade in grades),
        penalty=penalty,
        total=sum(grade.score for grade in grades) - penalty,
        max_score=sum(grade.max_score for grade in grades),
        needs_manual=any(grade.needs_manual_grade for grade in grades),
        late_seconds=submission.total_seconds_late,
        submitted_at=submission.timestamp.replace(tzinfo=UTC) if submission.timestamp else None,
    )


def _notebooks(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The notebooks of a folder itself, by name without `.ipynb`."""
    return {
        PurePosixPath(name).stem: data
        for name, data in files.items()
        if name.endswith(".ipynb") and "/" not in name.removeprefix("./")
    }


def _stored(source: Mapping[str, bytes]) -> dict[str, NotebookNode]:
    return {name: read_source(data).notebook for name, data in _notebooks(source).items()}


def _data(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if not name.endswith(".ipynb")}


def _naive(moment: datetime | None) -> Any:
    """UTC without an offset, as nbgrader keeps times."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment is not None else None
