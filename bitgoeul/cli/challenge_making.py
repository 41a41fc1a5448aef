"""`bitgoeul challenge`: list and check challenges; score a file with no academy around it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from bitgoeul import settings
from bitgoeul.cli.main import language
from bitgoeul.errors import AnswerError, ChallengeError, InputError, Text
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon.building import prepare
from bitgoeul.hackathon.checking import Report, check
from bitgoeul.hackathon.loading import challenge_folders, find_challenge, load_challenge, load_challenges
from bitgoeul.hackathon.model import Challenge
from bitgoeul.hackathon.scoring import score_file

app = typer.Typer(add_completion=False)
out, err = Console(), Console(stderr=True)
Where = Annotated[
    Path | None, typer.Option("--curriculum", help="the folder that holds challenges/; else academy.toml's")
]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@app.command("list")
def list_challenges(curriculum: Where = None, as_json: AsJson = False) -> None:
    """List the challenges."""
    found = load_challenges(_root(curriculum))
    if as_json:
        rows = [{"name": c.name, "title": c.record.title.model_dump(), "metric": c.record.metric.name} for c in found]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for challenge in found:
        out.print(
            f"[bold]{challenge.name}[/]  {escape(challenge.record.title.text.pick(language()))}  [dim]{challenge.record.metric.name}[/]"
        )


@app.command("check")
def check_challenges(
    name: Annotated[str | None, typer.Argument(metavar="[SLUG]")] = None,
    curriculum: Where = None,
    as_json: AsJson = False,
) -> None:
    """Prove that a challenge is whole, tells nothing, and scores as recorded; exit code 1 if not."""
    engine = Engine(settings.load().grading)
    try:
        reports = [check(challenge, engine) for challenge in _chosen(_root(curriculum), name)]
    except ChallengeError as error:
        if not as_json:
            err.print(error.text.pick(language()), markup=False, highlight=False, soft_wrap=True)
        else:
            faults = [asdict(fault) for fault in error.faults]
            typer.echo(json.dumps({"proved": False, "challenges": [], "faults": faults}, ensure_ascii=False))
        raise typer.Exit(1) from None
    proved = all(report.proved for report in reports)
    if as_json:
        typer.echo(json.dumps({"proved": proved, "challenges": [_plain(r) for r in reports]}, ensure_ascii=False))
    else:
        for report in reports:
            _show(report)
    raise typer.Exit(0 if proved else 1)


@app.command("score")
def score_one(
    name: Annotated[str, typer.Argument(metavar="SLUG")],
    file: Annotated[Path, typer.Argument(help="CSV or Parquet")],
    seed: Annotated[int | None, typer.Option(help="of the data; else the one of `challenge check`")] = None,
    curriculum: Where = None,
    as_json: AsJson = False,
) -> None:
    """Score a file of predictions. Exit code 0 when scored, 2 for a file with faults, which are all told."""
    challenge = _chosen(_root(curriculum), name)[0]
    prepared = prepare(challenge, challenge.record.data.check_seed if seed is None else seed)
    try:
        found = score_file(challenge, prepared.answers, _read(file), Engine(settings.load().grading))
    except AnswerError as error:
        if not as_json:
            raise
        typer.echo(json.dumps({"faults": [asdict(fault) for fault in error.faults]}, ensure_ascii=False))
        raise typer.Exit(2) from None
    rows = {
        split: {"score": getattr(found, split).value, "error": getattr(found, split).error}
        for split in ("public", "private")
    }
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for split, row in rows.items():
        out.print(f"{split:<8} {row['score']:.6g} ± {row['error']:.2g}", highlight=False)


@app.command("files")
def write_files(
    name: Annotated[str, typer.Argument(metavar="SLUG")],
    folder: Annotated[Path, typer.Option("--out", help="where to write them")] = Path("challenge"),
    seed: Annotated[int | None, typer.Option(help="of the data; else the one of `challenge check`")] = None,
    curriculum: Where = None,
) -> None:
    """Write what participants get."""
    challenge = _chosen(_root(curriculum), name)[0]
    prepared = prepare(challenge, challenge.record.data.check_seed if seed is None else seed)
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in prepared.files.items():
        (folder / path).write_bytes(content)
        out.print(str(folder / path), highlight=False)


def _root(curriculum: Path | None) -> Path:
    return curriculum.resolve() if curriculum else settings.load().academy.curriculum


def _chosen(root: Path, name: str | None) -> list[Challenge]:
    """Load only the challenge that is named: another one may be half written."""
    named = [load_challenge(folder) for folder in challenge_folders(root) if folder.name == name]
    return named or ([find_challenge(load_challenges(root), name)] if name else list(load_challenges(root)))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            ko=f"파일을 읽을 수 없습니다: {error}. 경로를 확인하십시오.",
            en=f"The file cannot be read: {error}. Check the path.",
        ) from None


def _plain(report: Report) -> dict[str, Any]:
    return {
        "challenge": report.challenge.name,
        "proved": report.proved,
        "baselines": {name: {"public": one, "private": other} for name, (one, other) in report.baselines.items()},
        "faults": [asdict(fault) for fault in report.faults],
    }


def _show(report: Report) -> None:
    out.print(f"[bold]{report.challenge.name}[/]")
    for name, (public, private) in report.baselines.items():
        errors = report.errors[name]
        out.print(f"  {name:<14} {public:.5f} ± {errors[0]:.5f}   {private:.5f} ± {errors[1]:.5f}", highlight=False)
    for fault in report.faults:
        out.print(f"  [red]{escape(fault.pick(language()))}[/]", highlight=False, soft_wrap=True)
    done = (
        Text("증명되었습니다.", "proved.")
        if report.proved
        else Text("고칠 곳이 있습니다.", "there is something to mend.")
    )
    out.print(f"  {done.pick(language())}")
