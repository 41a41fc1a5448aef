"""`bitgoeul grade --replay`: a verdict made again from what it names."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bitgoeul import wire
from bitgoeul.cli.grade import app
from bitgoeul.database import METADATA, Database
from bitgoeul.errors import InputError
from bitgoeul.exchange import bundle
from bitgoeul.exchange.core import open_blobs
from bitgoeul.exchange.service import Exchange
from bitgoeul.names import AssignmentName, CourseName
from bitgoeul.settings import load
from tests.services.exchange_load import STAFF, take
from tests.unit.grading import making

WRONG = making.as_bytes(making.submission(add="def add(a, b):\n    return 5"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BITGOEUL_LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ps1.ipynb").write_bytes(making.assignment())
    (tmp_path / "wrong.ipynb").write_bytes(WRONG)
    (tmp_path / "wrong.tar").write_bytes(bundle.write({"ps1.ipynb": WRONG, "notes.txt": b"x"}))
    made = run("wrong.ipynb", "--source", "ps1.ipynb", "--json")
    (tmp_path / "verdict.json").write_text(made.output)
    return tmp_path


def altered(folder: Path, **changes: object) -> None:
    verdict = wire.read(wire.Verdict, (folder / "verdict.json").read_bytes())
    (folder / "verdict.json").write_bytes(wire.write(replace(verdict, **changes)))


def test_the_same_work_gets_the_same_scores(folder: Path) -> None:
    people = run("wrong.ipynb", "--source", "ps1.ipynb", "--replay", "verdict.json")
    programs = run("wrong.ipynb", "--source", "ps1.ipynb", "--replay", "verdict.json", "--json")
    told = json.loads(programs.output)

    assert (people.exit_code, programs.exit_code) == (0, 0)
    assert "Every score is the same." in people.output
    assert told["equal"]
    assert {name: cell["equal"] for name, cell in told["cells"].items()} == {
        "add-check": True,
        "last-check": True,
        "why": True,
    }


def test_another_score_is_told_by_cell_and_by_the_exit_code(folder: Path) -> None:
    mended = making.assignment().replace(b"assert last == 7", b"assert last == 8")
    (folder / "ps1.ipynb").write_bytes(mended)
    people = run("wrong.ipynb", "--source", "ps1.ipynb", "--replay", "verdict.json")
    told = json.loads(run("wrong.ipynb", "--source", "ps1.ipynb", "--replay", "verdict.json", "--json").output)

    assert people.exit_code == 1
    assert "different" in people.output
    assert told["cells"]["last-check"] == {
        "equal": False,
        "was": {"score": 1.0, "max_score": 1.0, "outcome": "passed"},
        "now": {"score": 0.0, "max_score": 1.0, "outcome": "failed"},
    }
    assert told["cells"]["add-check"]["equal"]


def test_what_else_is_another_is_noted(folder: Path) -> None:
    altered(folder, environment="0" * 64, grader_version="0.0.1")
    found = run("wrong.ipynb", "--source", "ps1.ipynb", "--replay", "verdict.json")

    assert found.exit_code == 0
    assert "the environment is another: 0000" in found.output
    assert "the grader is another: 0.0.1" in found.output


def test_the_portals_tar_is_taken_when_it_is_what_was_judged(folder: Path) -> None:
    altered(folder, submission_sha256=hashlib.sha256((folder / "wrong.tar").read_bytes()).hexdigest())

    assert run("wrong.tar", "--source", "ps1.ipynb", "--replay", "verdict.json").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("other.ipynb", "--source", "ps1.ipynb"), "The verdict speaks of the submission"),
        (("wrong.ipynb", "--source", "ps1.ipynb", "--checker", "other.ipynb"), "made by the checker"),
        (("missing.ipynb", "--source", "ps1.ipynb"), "could not be read"),
        ((), "There is no academy"),
    ],
)
def test_other_work_is_refused(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    (folder / "other.ipynb").write_bytes(making.as_bytes(making.submission()))
    (folder / "academy.toml").write_text("")
    altered(folder, checker_sha256="1" * 64 if "--checker" in arguments else "")
    found = run(*arguments, "--replay", "verdict.json")

    assert isinstance(found.exception, InputError)
    assert words in found.exception.text.en


def test_a_broken_verdict_is_refused(folder: Path) -> None:
    (folder / "verdict.json").write_text('{"score": 1}')

    assert isinstance(run("--replay", "verdict.json").exception, InputError)


def test_the_academys_state_is_searched_by_the_hashes_of_the_verdict(folder: Path) -> None:
    (folder / "academy.toml").write_text("[exchange]\nmin_free_mb = 0\nreserve_mb = 0\n")
    settings = load(folder / "academy.toml", {})
    settings.state.mkdir()
    database = Database(settings.database_url)
    METADATA.create_all(database.engine)
    exchange = Exchange(settings, database, open_blobs(settings), judges=None, build=None)  # type: ignore[arg-type]
    sent = bundle.write({"ps1.ipynb": WRONG})
    parts = {"release/ko/ps1.ipynb": making.as_bytes(making.submission()), "source/ko/ps1.ipynb": making.assignment()}
    with (folder / "release.tar").open("w+b") as file:
        file.write(bundle.write(parts))
        file.seek(0)
        exchange.release(STAFF, CourseName("machine-learning"), AssignmentName("01-regression"), file)
    take(exchange, "kim", sent)
    exchange.close()
    altered(folder, submission_sha256=hashlib.sha256(sent).hexdigest(), release_version=1)
    found = run("--replay", "verdict.json")
    altered(folder, release_version=2)
    unknown = run("--replay", "verdict.json")

    assert found.exit_code == 0, found.output
    assert "Every score is the same." in found.output
    assert isinstance(unknown.exception, InputError)
    assert "with release 2" in unknown.exception.text.en
