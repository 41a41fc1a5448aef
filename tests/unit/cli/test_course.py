"""`bitgoeul course` with the real sandbox: what a person sees, what a program reads, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bitgoeul.cli.course import app
from bitgoeul.curriculum.building import build
from bitgoeul.curriculum.checking import check
from bitgoeul.curriculum.loading import load_course
from bitgoeul.errors import NotFound
from tests.fakes.exec_judge import judge

SAMPLES = Path(__file__).parents[2] / "samples"
PLANTED = SAMPLES / "courses" / "planted"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BITGOEUL_LANGUAGE", "en")
    monkeypatch.setenv("BITGOEUL_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "100")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--curriculum", str(SAMPLES)], catch_exceptions=True)


def test_list_names_courses_and_assignments_for_people_and_programs() -> None:
    people, programs = run("list"), run("list", "--json")

    assert people.exit_code == programs.exit_code == 0
    assert "planted" in people.output
    assert "wrong-reason" in people.output
    (course,) = json.loads(programs.output)
    assert (course["name"], course["title"]["en"]) == ("planted", "Planted failures")
    assert [item["name"] for item in course["assignments"]] == sorted(item["name"] for item in course["assignments"])


def test_check_proves_a_sound_assignment_and_shows_its_kill_matrix() -> None:
    result = run("check", "planted/sound")

    assert result.exit_code == 0, result.output
    for part in (
        "solution (ko)",
        "release (en)",
        "library",
        "median",
        "T1",
        "mean-check",
        "takes the middle value",
        "proved.",
    ):
        assert part in result.output


def test_check_fails_with_the_reason_and_the_sandbox_agrees_with_the_quick_judge() -> None:
    result = run("check", "planted/wrong-reason", "--json")
    (found,) = json.loads(result.output)["assignments"]
    quick = check(next(a for a in load_course(PLANTED).assignments if a.name == "wrong-reason"), judge)

    assert result.exit_code == 1
    assert [(finding["kind"], finding["row"]) for finding in found["findings"]] == [("wrong-reason", "typo")]
    marks = {row["name"]: {cell: tuple(mark.values()) for cell, mark in row["marks"].items()} for row in found["rows"]}
    assert marks == {
        row.name: {cell: (m.score, m.max_score, m.outcome, m.exception, m.message) for cell, m in row.marks.items()}
        for row in quick.rows
    }
    assert found["rows"][0]["cpu_seconds"] is not None  # of so short a job it may be nothing: see test_costing


def test_check_tells_every_fault_of_a_course_that_cannot_be_built(tmp_path: Path) -> None:
    folder = tmp_path / "track" / "broken"
    folder.mkdir(parents=True)
    (folder / "course.toml").write_text("titel = 1\n", encoding="utf-8")

    people = CliRunner().invoke(app, ["check", "--curriculum", str(tmp_path)])
    programs = CliRunner().invoke(app, ["check", "--json", "--curriculum", str(tmp_path)])

    assert people.exit_code == programs.exit_code == 1
    assert "titel: this key is not known" in people.output
    assert {fault["text"]["en"].split(":")[0] for fault in json.loads(programs.output)["faults"]} == {
        "titel",
        "title",
        "summary",
    }


def test_an_unknown_course_or_assignment_is_told_with_the_known_ones() -> None:
    for name in ("planned", "planted/nothing"):
        result = run("check", name)

        assert isinstance(result.exception, NotFound)
        assert "There are:" in result.exception.text.en or "has no assignment" in result.exception.text.en


def test_build_writes_what_the_builder_builds(tmp_path: Path) -> None:
    result = run("build", "planted/sound", "--out", str(tmp_path))
    built = build(next(a for a in load_course(PLANTED).assignments if a.name == "sound"))

    assert result.exit_code == 0, result.output
    assert {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.ipynb")} == {
        f"{tongue}/{kind}/sound/sound.ipynb": files[tongue]["sound.ipynb"]
        for tongue in ("ko", "en")
        for kind, files in (("source", built.source), ("release", built.release))
    }
