"""`bitgoeul course`: list, check, calibrate and build courses; grade their work (`regrading`)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from bitgoeul import settings
from bitgoeul.cli import regrading
from bitgoeul.cli.main import language, main
from bitgoeul.curriculum.building import build
from bitgoeul.curriculum.calibrating import RUNS, calibrate, calibration_file, write_calibration
from bitgoeul.curriculum.checking import Judge, Judgement, check
from bitgoeul.curriculum.checking import Progress as Advance
from bitgoeul.curriculum.loading import course_folders, find_assignment, find_course, load_course, load_courses
from bitgoeul.curriculum.matrix import KillMatrix, Mark, MatrixRow
from bitgoeul.curriculum.model import Assignment, Course
from bitgoeul.errors import CourseError, Text
from bitgoeul.grading.engine import Engine
from bitgoeul.wire import Figure

app = typer.Typer(
    help="Courses: list, check, calibrate, build, grade, similar.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out, err = Console(), Console(stderr=True)

ANSWER, STANDS_FOR = Text("답", "answer"), Text("뜻", "stands for")
LEGEND = Text(
    "✓ 모든 점수  ½ 일부  ✗ 검사(assert)에 걸림  ! 다른 오류로 끝남  * 여기서 걸려야 하는 틀린 답",
    "✓ all points  ½ some  ✗ fails an assert  ! ends by another error  * a wrong answer that has to fail here",
)

Where = Annotated[Path | None, typer.Option("--curriculum", help="the folder of tracks; else academy.toml's")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


app.command("grade")(regrading.grade)
app.command("similar")(regrading.similar)


@app.command("list")
def list_courses(curriculum: Where = None, as_json: AsJson = False) -> None:
    """List courses and their assignments."""
    courses = load_courses(_root(curriculum))
    if as_json:
        typer.echo(json.dumps([_plain_course(course) for course in courses], ensure_ascii=False, indent=1))
        return
    for course in courses:
        out.print(f"[bold]{course.name}[/]  {escape(course.title.pick(language()))}  [dim]{course.track}[/]")
        for assignment in course.assignments:
            out.print(f"  {assignment.name}  {escape(assignment.title.pick(language()))}")


@app.command("check")
def check_courses(
    name: Annotated[str | None, typer.Argument(metavar="[COURSE[/ASSIGNMENT]]")] = None,
    curriculum: Where = None,
    as_json: AsJson = False,
) -> None:
    """Prove that tests judge rightly and releases tell nothing; exit code 1 if not."""
    try:
        assignments = _chosen(_root(curriculum), name)
    except CourseError as error:
        _tell_faults(error, as_json)
        raise typer.Exit(1) from None
    engine = Engine(settings.load().grading)
    matrices = [_checked(assignment, _judge(engine, assignment)) for assignment in assignments]
    proved = all(matrix.proved for matrix in matrices)
    if as_json:
        typer.echo(
            json.dumps({"proved": proved, "assignments": [_plain_matrix(m) for m in matrices]}, ensure_ascii=False)
        )
    else:
        for matrix in matrices:
            _show(matrix)
    raise typer.Exit(0 if proved else 1)


@app.command("calibrate")
def calibrate_assignment(
    name: Annotated[str, typer.Argument(metavar="COURSE/ASSIGNMENT")],
    runs: Annotated[int, typer.Option("--runs", min=2, help="how many seeds")] = RUNS,
    curriculum: Where = None,
) -> None:
    """Measure with many seeds how far right answers keep from a checker's thresholds; keep it beside the checker."""
    engine = Engine(settings.load().grading)
    for assignment in _chosen(_root(curriculum), name):
        if calibration_file(assignment) is None and "/" not in name:
            continue
        with _progress(assignment) as advance:
            spreads = calibrate(assignment, partial(_measure, engine, assignment), runs, advance)
        path = write_calibration(assignment, spreads)
        for one in spreads:
            out.print(
                f"{one.figure}  {one.answer}  {one.mean:.4g} ± {one.sd:.2g}  {one.margin:.1f} sd", highlight=False
            )
        out.print(str(path), highlight=False)


@app.command("build")
def build_course(
    name: Annotated[str, typer.Argument(metavar="COURSE")],
    folder: Annotated[Path, typer.Option("--out", help="where to write source/ and release/")] = Path("built"),
    curriculum: Where = None,
) -> None:
    """Write COURSE's notebooks as LANGUAGE/source/ASSIGNMENT/ and LANGUAGE/release/ASSIGNMENT/."""
    for assignment in _chosen(_root(curriculum), name):
        built = build(assignment)
        for tongue in built.languages:
            for kind, files in (("source", built.source[tongue]), ("release", built.release[tongue])):
                target = folder / tongue / kind / assignment.name
                _write(target, files)
                out.print(str(target), highlight=False)


def _root(curriculum: Path | None) -> Path:
    return curriculum.resolve() if curriculum else settings.load().academy.curriculum


def _chosen(root: Path, name: str | None) -> list[Assignment]:
    """Load only the course that is named: another one may be half written."""
    wanted, _, part = (name or "").partition("/")
    named = [folder for folder in course_folders(root) if folder.name == wanted]
    courses = [load_course(folder, whole=True) for folder in named] or load_courses(root, whole=True)
    if wanted:
        courses = [find_course(courses, wanted)]
    if part:
        return [find_assignment(courses[0], part)]
    return [assignment for course in courses for assignment in course.assignments]


def _checked(assignment: Assignment, judge: Judge) -> KillMatrix:
    with _progress(assignment) as advance:
        return check(assignment, judge, advance)


@contextmanager
def _progress(assignment: Assignment) -> Iterator[Advance]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[row]}"))
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(f"{assignment.course}/{assignment.name}", total=None, row="")
        yield lambda done, total, row: bar.update(task, completed=done, total=total, row=row)


def _judge(engine: Engine, assignment: Assignment) -> Judge:
    def judge(source: bytes, submission: bytes, files: dict[str, bytes]) -> Judgement:
        judged = engine.judge(source, submission, files, checker=assignment.checker)
        return Judgement(judged.verdict, figures=judged.figures)

    return judge


def _measure(
    engine: Engine, assignment: Assignment, source: bytes, submission: bytes, files: dict[str, bytes], seed: int
) -> tuple[Figure, ...]:
    return engine.judge(source, submission, files, seed=seed, checker=assignment.checker).figures


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _tell_faults(error: CourseError, as_json: bool) -> None:
    if as_json:
        faults = [asdict(fault) for fault in error.faults]
        typer.echo(json.dumps({"proved": False, "assignments": [], "faults": faults}, ensure_ascii=False))
    else:
        err.print(error.text.pick(language()), markup=False, highlight=False, soft_wrap=True)


def _show(matrix: KillMatrix) -> None:
    title = f"{matrix.assignment.course}/{matrix.assignment.name}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(ANSWER.pick(language()), no_wrap=True)
    for number, _ in enumerate(matrix.columns, 1):
        table.add_column(f"T{number}", no_wrap=True)
    table.add_column(STANDS_FOR.pick(language()))
    kind = matrix.rows[0].kind if matrix.rows else None
    for row in matrix.rows:
        if row.kind != kind:
            table.add_section()
        kind = row.kind
        table.add_row(*_cells(matrix, row))
    out.print(table)
    for number, column in enumerate(matrix.columns, 1):
        out.print(f"  T{number:<3}{column}", highlight=False)
    out.print(f"  {LEGEND.pick(language())}", highlight=False)
    _show_findings(matrix)


def _cells(matrix: KillMatrix, row: MatrixRow) -> list[str]:
    bad = any(finding.row == row.name for finding in matrix.findings)
    name = f"[red]{escape(row.name)}[/]" if bad else escape(row.name)
    marks = [_sign(row.marks.get(column), row, column in row.dies_at) for column in matrix.columns]
    return [name, *marks, escape(row.text.pick(language()))]


def _sign(mark: Mark | None, row: MatrixRow, named: bool) -> str:
    if mark is None:
        return ""
    right = mark.full == (row.kind in ("solution", "friend")) if named or row.kind != "mutant" else True
    sign = "✓" if mark.full else "½" if mark.score else "✗" if mark.exception == "AssertionError" else "!"
    colour = "green" if mark.full and right else "dim" if right and not named else "green" if right else "red"
    return f"[{colour}]{sign}{'*' if named else ''}[/]"


def _show_findings(matrix: KillMatrix) -> None:
    for finding in matrix.findings:
        out.print(
            f"[red]{finding.kind}[/] {escape(finding.row)}: {escape(finding.text.pick(language()))}", highlight=False
        )
    if matrix.proved:
        proved = Text("증명되었습니다.", "proved.")
        out.print(f"[green]{proved.pick(language())}[/]\n")
    else:
        todo = Text("고칠 곳이 {count}개 있습니다.", "{count} thing(s) to mend.").format(count=len(matrix.findings))
        out.print(f"[red]{todo.pick(language())}[/]\n")


def _plain_course(course: Course) -> dict[str, Any]:
    return {
        "name": course.name,
        "track": course.track,
        "title": asdict(course.title),
        "summary": asdict(course.summary),
        "assignments": [
            {
                "name": a.name,
                "title": asdict(a.title),
                "objectives": a.objectives,
                "minutes": a.minutes,
                "plain": a.plain,
            }
            for a in course.assignments
        ],
    }


def _plain_matrix(matrix: KillMatrix) -> dict[str, Any]:
    return {
        "course": matrix.assignment.course,
        "assignment": matrix.assignment.name,
        "proved": matrix.proved,
        "columns": matrix.columns,
        "rows": [asdict(row) for row in matrix.rows],
        "findings": [asdict(finding) for finding in matrix.findings],
    }


if __name__ == "__main__":
    sys.argv.insert(1, "course")
    main()
