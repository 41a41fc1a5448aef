"""`bitgoeul challenge submit`: hand in an answer from a lab or a terminal, and follow it to its score."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bitgoeul.cli.here import service_here
from bitgoeul.cli.main import language
from bitgoeul.errors import AnswerFault, InputError, Text
from bitgoeul.lab.challenges import STATES, UNDER_WAY, submit
from bitgoeul.lab.client import Client
from bitgoeul.names import CourseName

app = typer.Typer(add_completion=False)
LEFT = Text("남은 제출: {n}번. 다음 시간대: {next}", "Submissions left: {n}. The next period: {next}")
SCORE = Text("공개 점수 {score} (±{error})", "Public score {score} (±{error})")
SCORE_ALONE = Text("공개 점수 {score}", "Public score {score}")


@app.callback()
def taking() -> None:
    """Take part."""


def client_here() -> Client:
    """The service that this lab or terminal speaks to; raise `InputError` where the environment names none."""
    client = service_here()
    if client is None:
        raise InputError(
            ko="어느 학교인지 알 수 없습니다. 실습실에서 실행하거나 BITGOEUL_SERVICE_URL과 JUPYTERHUB_API_TOKEN(허브의 토큰 쪽)을 정하세요.",
            en="It is not known which academy this is. Run it in a lab, or set BITGOEUL_SERVICE_URL and JUPYTERHUB_API_TOKEN (the Hub's page of tokens).",
        )
    return client


@app.command("submit")
def submit_file(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="the challenge")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or Parquet; a notebook or predict.py for code")],
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="until it is scored or told why not")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Submit a file. Exit code 0 when scored (or received, with --no-wait), 1 when not, 2 for unusable input."""
    client = client_here()

    def tell(found: dict[str, Any]) -> None:
        typer.echo(STATES[found["state"]].pick(language()), err=True)

    try:
        found = submit(client, Path.home() / ".bitgoeul", CourseName(slug), file, tell=tell, wait=wait)
    finally:
        client.close()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _show(found)
    raise typer.Exit(0 if found["state"] == "scored" or (not wait and found["state"] in UNDER_WAY) else 1)


def _show(found: dict[str, Any]) -> None:
    tongue = language()
    if found.get("public") is not None:
        words = SCORE if found.get("error") is not None else SCORE_ALONE
        typer.echo(words.format(score=found["public"], error=found.get("error")).pick(tongue))
    for fault in found["faults"] or ():
        typer.echo(_fault(fault, tongue))
    typer.echo(LEFT.format(n=found["remaining"], next=found["next_at"] or "-").pick(tongue))


def _fault(fault: dict[str, Any], tongue: str) -> str:
    """One kind of fault of the file, with how often it is there and where first."""
    text = Text(fault["text"]["ko"], fault["text"]["en"])
    places = tuple((line, name) for line, name in fault["places"])
    return f"- {AnswerFault(fault['code'], text, fault['count'], places).pick(tongue)}"
