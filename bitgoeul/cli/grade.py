"""`bitgoeul grade SUBMISSION.ipynb --source SOURCE.ipynb`: judge one notebook, with no academy around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bitgoeul import settings, wire
from bitgoeul.cli.main import language
from bitgoeul.errors import InputError, Text
from bitgoeul.grading.engine import Engine
from bitgoeul.settings import Grading

if TYPE_CHECKING:
    from bitgoeul.cli.replaying import Replay

app = typer.Typer(add_completion=False)
_MARKS = {"passed": "green", "manual": "yellow"}
_REPLAY_HEADS = (Text("셀", "cell"), Text("그때", "then"), Text("지금", "now"), Text("", ""))
_SAME, _OTHER = Text("같음", "equal"), Text("다름", "different")
_ALL_SAME = Text("모든 점수가 같습니다.", "Every score is the same.")
_NOT_SAME = Text("점수가 같지 않습니다.", "The scores are not the same.")


@app.command()
def grade(
    submission: Annotated[
        Path | None, typer.Argument(help="the student's notebook; with --replay also the .tar that the portal gives")
    ] = None,
    source: Annotated[
        Path | None, typer.Option(help="the instructor's notebook, with solution and hidden tests")
    ] = None,
    files: Annotated[
        Path | None,
        typer.Option(help="a folder whose files lie beside the notebook; for source/ASSIGNMENT/X.ipynb, that folder"),
    ] = None,
    checker: Annotated[
        Path | None, typer.Option(help="a program that judges from outside the student's process")
    ] = None,
    verdict: Annotated[
        Path | None, typer.Option("--replay", metavar="VERDICT.json", help="judge again what this verdict speaks of")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdict as JSON")] = False,
) -> None:
    """Judge one notebook against one source. Exit code 0 when judged, whatever the score; 2 for unusable input.

    With --replay: 0 when every score is the same again, 1 when one is not. Without a submission and --source, the
    academy's own state is searched for what the verdict names.
    """
    if verdict is not None:
        _replay(verdict, submission, source, files, checker, as_json=as_json)
        return
    if submission is None or source is None:
        raise InputError(
            ko="채점할 노트북과 --source가 모두 필요합니다. 예: bitgoeul grade 제출.ipynb --source 원본.ipynb",
            en="A notebook and --source are both needed. Example: bitgoeul grade SUBMISSION.ipynb --source SOURCE.ipynb",
        )
    beside = _beside(files or _course_folder(source))
    found = Engine(_limits()).judge(_read(source), _read(submission), beside, checker=checker).verdict
    if as_json:
        typer.echo(json.dumps(wire.plain(found), ensure_ascii=False))
    else:
        _show(found)


def _replay(
    verdict: Path,
    submission: Path | None,
    source: Path | None,
    files: Path | None,
    checker: Path | None,
    *,
    as_json: bool,
) -> None:
    from bitgoeul.cli import replaying  # it knows the exchange: a second that judging need not spend

    was = wire.read(wire.Verdict, _read(verdict))
    if submission is not None and source is not None:
        beside = _beside(files or _course_folder(source))
        work = replaying.from_files(was, submission, source, beside, checker)
    else:
        work = replaying.from_state(was, settings.load(), checker)
    found = replaying.replay(was, work, Engine(_limits()))
    if as_json:
        typer.echo(json.dumps(_plain(found), ensure_ascii=False))
    else:
        _show_replay(found)
    raise typer.Exit(0 if found.equal else 1)


def _plain(found: Replay) -> dict[str, Any]:
    cells = {name: {"equal": was == now, "was": was, "now": now} for name, (was, now) in found.cells.items()}
    return {"equal": found.equal, "cells": cells, "notes": [note.en for note in found.notes]}


def _show_replay(found: Replay) -> None:
    tongue = language()
    table = Table(*(words.pick(tongue) for words in _REPLAY_HEADS))
    for name, (was, now) in found.cells.items():
        said = _SAME if was == now else _OTHER
        table.add_row(
            escape(name), _brief(was), _brief(now), f"[{'green' if was == now else 'red'}]{said.pick(tongue)}[/]"
        )
    console = Console()
    console.print(table)
    for note in found.notes:
        console.print(f"! {escape(note.pick(tongue))}")
    console.print((_ALL_SAME if found.equal else _NOT_SAME).pick(tongue))


def _brief(cell: dict[str, Any] | None) -> str:
    return f"{cell['score']:g} / {cell['max_score']:g} {cell['outcome']}" if cell else "–"


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
