"""`bitgoeul challenge rescore` and `challenge export`: what an organiser does from a terminal.

With a Hub token in the environment the service is asked, as the caller; elsewhere whoever may read the state folder is
its operator, and the work is done here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Protocol

import typer
from rich.console import Console
from rich.markup import escape

from bitgoeul.cli.here import service_here, user_here
from bitgoeul.cli.main import language
from bitgoeul.cli.regrading import APPLIED, DROPPED, AsJson, table
from bitgoeul.errors import InputError, Text
from bitgoeul.names import CourseName

if TYPE_CHECKING:
    from bitgoeul.lab.client import Client

app = typer.Typer(add_completion=False)
out = Console()
HOURS = 4 * 3600.0
Slug = Annotated[str, typer.Argument(metavar="SLUG", help="the challenge")]
TEAM, BEFORE, AFTER = Text("팀", "team"), Text("지금", "now"), Text("새로 매기면", "anew")
NOBODY = Text("아무의 점수도 순위도 바뀌지 않습니다.", "Nobody's score or rank would change.")
MISSING = Text(
    "새 점수가 없는 제출이 {n}개 있어 적용할 수 없습니다. 다시 매기세요.",
    "{n} submission(s) have no new score, so nothing can be applied. Score anew again.",
)
HOW = Text(
    "적용: bitgoeul challenge rescore {slug} --apply   버리기: bitgoeul challenge rescore {slug} --drop",
    "Apply: bitgoeul challenge rescore {slug} --apply   Drop: bitgoeul challenge rescore {slug} --drop",
)
WRITTEN = Text("{path}에 썼습니다.", "Written to {path}.")


class Organiser(Protocol):
    """What the commands ask; answers are JSON's types."""

    def rescore(self, method: str) -> dict[str, Any]:
        """`POST` scores anew beside what counts, `PUT` applies that, `DELETE` drops it."""

    def export(self, kind: str, to: BinaryIO) -> None:
        """Write the published snapshot."""


class Remote:
    """The service, asked with a Hub token."""

    def __init__(self, client: Client, slug: CourseName) -> None:
        self._client, self._at = client, f"api/challenges/{slug}"

    def rescore(self, method: str) -> dict[str, Any]:
        """Ask for it."""
        return dict(self._client.ask(method, f"{self._at}/rescoring", timeout=HOURS) or {})

    def export(self, kind: str, to: BinaryIO) -> None:
        """Get it."""
        self._client.download(f"{self._at}/export.{kind}", to)


@contextmanager
def organiser(slug: CourseName) -> Iterator[Organiser]:
    """Open what knows the challenge."""
    client = service_here()
    if client is not None:
        try:
            yield Remote(client, slug)
        finally:
            client.close()
        return
    from bitgoeul.cli.challenge_local import local  # it knows the service, which a lab does not have

    with local(slug, user_here()) as found:
        yield found


@app.command("rescore")
def rescore(
    slug: Slug,
    apply: Annotated[bool, typer.Option("--apply", help="make the new scores those that count")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="leave all scores as they are")] = False,
    as_json: AsJson = False,
) -> None:
    """Score every submission anew, beside what counts, and show what would change; --apply or --drop decides."""
    if apply and drop:
        raise InputError(ko="--apply와 --drop 가운데 하나만 쓰세요.", en="Use one of --apply and --drop.")
    method = "PUT" if apply else "DELETE" if drop else "POST"
    with organiser(CourseName(slug)) as found:
        told = found.rescore(method)
    if as_json:
        typer.echo(json.dumps({"applied": apply, "dropped": drop, **told}, ensure_ascii=False))
    elif apply or drop:
        typer.echo((APPLIED if apply else DROPPED).pick(language()))
    else:
        _show(told, slug)


def _show(told: dict[str, Any], slug: str) -> None:
    tongue = language()
    rows = table(TEAM, BEFORE, AFTER)
    for change in told["changes"]:
        sides = (change["before"], change["after"])
        rows.add_row(escape(change["team"]), *(_side(side) for side in sides))
    if told["changes"]:
        out.print(rows)
    else:
        out.print(NOBODY.pick(tongue))
    if told["missing"]:
        out.print(MISSING.format(n=told["missing"]).pick(tongue))
    out.print(HOW.format(slug=slug).pick(tongue), markup=False, soft_wrap=True)


def _side(row: dict[str, Any] | None) -> str:
    return "-" if row is None else f"{row['rank'] if row['rank'] is not None else '·'}  {row['score']}"


@app.command("export")
def export(
    slug: Slug,
    to: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=".csv or .xlsx; else SLUG.csv")] = None,
) -> None:
    """Write the published result as CSV or XLSX: the newest snapshot and nothing else."""
    path = to or Path(f"{CourseName(slug)}.csv")
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("csv", "xlsx"):
        raise InputError(
            ko=f"파일 이름은 .csv나 .xlsx로 끝나야 하는데 {path.name}입니다.",
            en=f"A file name that ends in .csv or .xlsx was wanted; found {path.name}.",
        )
    half = path.with_name(f".{path.name}.half")
    try:
        with organiser(CourseName(slug)) as found, half.open("w+b") as file:
            found.export(kind, file)
        half.replace(path)
    except OSError as error:
        raise InputError(ko=f"쓸 수 없습니다: {error}", en=f"It cannot be written: {error}") from None
    finally:
        half.unlink(missing_ok=True)
    typer.echo(WRITTEN.format(path=path).pick(language()))
