"""`bitgoeul course grade` and `course similar`: what staff do with a course's work from a terminal."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bitgoeul.cli.main import language
from bitgoeul.errors import BitgoeulError, Text

if TYPE_CHECKING:
    from bitgoeul.cli.academy import Academy

LOOK_EVERY = 0.5
PATIENCE = 20.0  # seconds in which a running service takes the first job
Work = Annotated[str, typer.Argument(metavar="COURSE/ASSIGNMENT")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]
out, err = Console(), Console(stderr=True)

STUDENT, NOW, NEW, CHANGE = Text("학생", "student"), Text("지금", "now"), Text("새 점수", "new"), Text("차이", "change")
PAIR, ALIKE, PARTS = Text("두 학생", "students"), Text("겹침", "alike"), Text("겹치는 곳 (줄)", "matching lines")
NOBODY = Text("아무의 점수도 바뀌지 않습니다.", "Nobody's score would change.")
SUM = Text(
    "제출물 {judged}개 가운데 {n}개의 점수가 바뀌며, 합은 {sum:+g}점입니다.",
    "{n} of {judged} would change, by {sum:+g} points in all.",
)
FAILED = Text("다시 채점하지 못함: {users}", "Could not be judged again: {users}")
HOW = Text(
    "적용: bitgoeul course grade {work} --apply   버리기: bitgoeul course grade {work} --drop",
    "Apply: bitgoeul course grade {work} --apply   Drop: bitgoeul course grade {work} --drop",
)
NOTHING = Text("미리 채점한 것이 없습니다.", "No preview waits.")
APPLIED = Text("적용했습니다.", "Applied.")
DROPPED = Text("버렸습니다. 점수는 그대로입니다.", "Dropped. All scores stay.")
ACCUSES_NOBODY = Text(
    "누구도 탓하지 않으며 점수를 바꾸지 않습니다. 코드를 직접 읽고 학생과 이야기하세요.",
    "This accuses nobody and changes no grade. Read the code yourself and talk with the students.",
)
NO_PAIRS = Text("절반 넘게 비슷한 쌍이 없습니다.", "No two works are alike in half of their code or more.")


class NobodyGrades(BitgoeulError):
    """Jobs wait, and no service takes them."""

    code = "nobody-grades"


def grade(
    work: Work,
    apply: Annotated[bool, typer.Option("--apply", help="make the previewed scores those that count")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="leave all scores as they are")] = False,
    as_json: AsJson = False,
) -> None:
    """Judge everybody's newest work again, and show whose score would change; --apply or --drop decides."""
    with _academy(work) as found:
        if drop:
            found.drop()
            _say(DROPPED, {"dropped": True}, as_json)
        elif apply:
            _follow(found, found.apply(), work)
            _say(APPLIED, {"applied": True}, as_json)
        else:
            _follow(found, found.grade(), work)
            preview = found.preview()
            if as_json:
                typer.echo(json.dumps(preview, ensure_ascii=False))
            else:
                _show(preview, work)


def similar(work: Work, as_json: AsJson = False) -> None:
    """Show which submissions are alike, after the due date; names, values, comments and layout do not matter."""
    with _academy(work) as found:
        report = found.similar()
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    tongue = language()
    out.print(ACCUSES_NOBODY.pick(tongue), soft_wrap=True)
    if not report["pairs"]:
        out.print(NO_PAIRS.pick(tongue))
        return
    rows = table(PAIR, ALIKE, PARTS)
    for pair in report["pairs"]:
        parts = (f"{p['left'][0]}-{p['left'][1]} = {p['right'][0]}-{p['right'][1]}" for p in pair["parts"])
        names = f"{escape(pair['left'])} · {escape(pair['right'])}"
        rows.add_row(names, f"{pair['similarity']:.0%}", ", ".join(parts))
    out.print(rows)


def _academy(work: str) -> AbstractContextManager[Academy]:
    from bitgoeul.cli.academy import academy  # it knows the service: a second that `course list` need not spend

    return academy(work)


def _follow(found: Academy, queued: dict[str, Any], work: str) -> None:
    """Show the progress of a batch until it is over; Ctrl-C stops looking, not grading."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    began = time.monotonic()
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(work, total=queued["queued"] or None)
        while True:
            at = found.progress(queued["job"])
            ended, left = at["done"] + at["failed"], at["queued"] + at["running"]
            bar.update(task, completed=ended, total=ended + left)
            if not left:
                return
            if not ended and not at["running"] and time.monotonic() - began > PATIENCE:
                raise NobodyGrades(
                    ko=f"{left}개가 기다리는데 채점하는 서비스가 없습니다. `bitgoeul up`으로 학교를 열면 채점됩니다.",
                    en=f"{left} jobs wait and no service takes them. Start the academy with `bitgoeul up`; it grades them then.",
                )
            time.sleep(LOOK_EVERY)


def _show(preview: dict[str, Any] | None, work: str) -> None:
    tongue = language()
    if preview is None:
        out.print(NOTHING.pick(tongue))
        return
    rows = table(STUDENT, NOW, NEW, CHANGE)
    for row in preview["changes"]:
        change = row["after"] - row["before"]
        new = f"{row['after']:g} / {row['max_score']:g}"
        rows.add_row(
            escape(row["user"]), f"{row['before']:g}", new, f"[{'red' if change < 0 else 'green'}]{change:+g}[/]"
        )
    if preview["changes"]:
        out.print(rows)
        total = SUM.format(n=len(preview["changes"]), judged=preview["judged"], sum=preview["sum"])
        out.print(total.pick(tongue))
    else:
        out.print(NOBODY.pick(tongue))
    if preview["failed"]:
        out.print(FAILED.format(users=", ".join(preview["failed"])).pick(tongue), markup=False)
    out.print(HOW.format(work=work).pick(tongue), markup=False, soft_wrap=True)


def table(*heads: Text) -> Table:
    """An empty table with these heads, in the terminal's language."""
    return Table(*(head.pick(language()) for head in heads), box=SIMPLE_HEAD, pad_edge=False)


def _say(words: Text, told: dict[str, bool], as_json: bool) -> None:
    typer.echo(json.dumps(told) if as_json else words.pick(language()))
