"""`bitgoeul grade SUBMISSION.ipynb --source SOURCE.ipynb`: judge one notebook, with no academy around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bitgoeul import settings, wire
from bitgoeul.errors import InputError
from bitgoeul.grading.engine import Engine
from bitgoeul.settings import Grading

app = typer.Typer(add_completion=False)
_MARKS = {"passed": "green", "manual": "yellow"}


@app.command()
def grade(
    submission: Annotated[Path, typer.Argument(help="the student's notebook")],
    source: Annotated[Path, typer.Option(help="the instructor's notebook, with solution and hidden tests")],
    files: Annotated[
        Path | None,
        typer.Option(help="a folder whose files lie beside the notebook; for source/ASSIGNMENT/X.ipynb, that folder"),
    ] = None,
    checker: Annotated[
        Path | None, typer.Option(help="a program that judges from outside the student's process")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdict as JSON")] = False,
) -> None:
    """Judge one notebook against one source. Exit code 0 when judged, whatever the score; 2 for unusable input."""
    engine = Engine(_limits())
    beside = _beside(files or _course_folder(source))
    verdict = engine.judge(_read(source), _read(submission), beside, checker=checker).verdict
    if as_json:
        typer.echo(json.dumps(wire.plain(verdict), ensure_ascii=False))
    else:
        _show(verdict)


def _limits() -> Grading:
    """The academy's limits where there is one, else the usual ones."""
    return settings.load().grading if Path("academy.toml").exists() else Grading()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            ko=f"노트북 파일 {path}을(를) 읽지 못했습니다: {error.strerror}. 경로를 확인해 주십시오.",
            en=f"The notebook {path} could not be read: {error.strerror}. Check the path.",
        ) from None


def _course_folder(source: Path) -> Path | None:
    """In a course's `source` folder, the data of an assignment lie beside its notebook."""
    folder = source.resolve().parent
    return folder if folder.parent.name == "source" else None


def _beside(folder: Path | None) -> dict[str, bytes]:
    if folder is None:
        return {}
    if not folder.is_dir():
        raise InputError(
            ko=f"--files에는 폴더가 필요한데 {folder}은(는) 폴더가 아닙니다.",
            en=f"--files takes a folder; {folder} is none.",
        )
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".ipynb"
    }


def _show(verdict: wire.Verdict) -> None:
    table = Table("cell", "score", "outcome", "message")
    for name, cell in verdict.cells.items():
        colour = _MARKS.get(cell.outcome, "red")
        score = f"{cell.score:g} / {cell.max_score:g}"
        table.add_row(escape(name), score, f"[{colour}]{cell.outcome}[/]", escape(cell.message))
    console = Console()
    console.print(table)
    console.print(f"{verdict.score:g} / {verdict.max_score:g}   ({verdict.isolation})")
    for flag in verdict.flags:
        console.print(f"! {escape(flag)}")
