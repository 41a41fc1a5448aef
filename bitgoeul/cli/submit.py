"""`bitgoeul submit`: hand in an assignment from a lab or a terminal, with the same client as the panel."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated

import typer
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from traitlets.config import Config

from bitgoeul.cli.main import language
from bitgoeul.errors import BitgoeulError, InputError
from bitgoeul.lab.submit import ExchangeSubmit
from bitgoeul.names import AssignmentName, CourseName

app = typer.Typer(add_completion=False)


class NotHandedIn(BitgoeulError):
    """The exchange refused or did not answer; the text says which."""

    code = "not-handed-in"


@app.command()
def submit(
    work: Annotated[str, typer.Argument(metavar="COURSE/ASSIGNMENT", help="what is handed in")],
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="where the work lies; else COURSE/ASSIGNMENT of your home")
    ] = None,
) -> None:
    """Hand in an assignment. The receipt is kept; until it is there, nothing has been received."""
    course, assignment = _named(work)
    _show_warnings()
    place = (folder or Path(os.environ.get("JUPYTERHUB_ROOT_DIR") or Path.home()) / course / assignment).absolute()
    handing = _Handing(coursedir=CourseDirectory(config=_limits(course, assignment)), work=place, language=language())
    try:
        handing.start()
    except (ExchangeError, RuntimeError) as error:
        raise NotHandedIn(ko=str(error), en=str(error)) from None
    receipt = handing.receipt
    if receipt is not None:
        ko = f"접수되었습니다. 접수 번호 {receipt.sequence}, 시각 {receipt.begun_at}, SHA-256 {receipt.sha256}"
        en = f"Received: number {receipt.sequence} at {receipt.begun_at}, SHA-256 {receipt.sha256}"
        typer.echo(ko if language() == "ko" else en)
        typer.echo(str(handing.receipt_path or ""))


class _Handing(ExchangeSubmit):
    """The panel's submission, of a folder that is named and not looked for."""

    def __init__(self, *, work: Path, **options: object) -> None:
        self.work = work
        super().__init__(**options)

    @property
    def work_path(self) -> Path:
        return self.work

    def init_src(self) -> None:
        """Find the work; its folder need not be named as the assignment."""
        name = self.assignment
        super().init_src()
        self.coursedir.assignment_id = name


def _show_warnings() -> None:
    """Let what the exchange warns of (late, left out) reach the terminal; a refusal is told by `main`."""
    shown = logging.StreamHandler()
    shown.setLevel(logging.WARNING)
    shown.addFilter(lambda record: record.levelno < logging.ERROR)
    logging.getLogger("traitlets").addHandler(shown)


def _named(work: str) -> tuple[CourseName, AssignmentName]:
    course, slash, assignment = work.partition("/")
    if not slash:
        raise InputError(
            ko=f"강좌/과제 꼴로 적어야 하는데 {work!r}을(를) 받았습니다. 예: machine-learning/01-regression-from-scratch",
            en=f"COURSE/ASSIGNMENT was wanted; found {work!r}. Example: machine-learning/01-regression-from-scratch",
        )
    return CourseName(course), AssignmentName(assignment)


def _limits(course: CourseName, assignment: AssignmentName) -> Config:
    c = Config()
    c.CourseDirectory.course_id = course
    c.CourseDirectory.assignment_id = assignment
    c.CourseDirectory.max_file_size = c.CourseDirectory.max_dir_size = 1_000_000
    return c
