"""`bitgoeul course grade` and `similar`, from an instructor's lab (the service, by token) and beside the state."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from bitgoeul.cli import regrading
from bitgoeul.cli.course import app
from bitgoeul.errors import BitgoeulError, InputError
from tests.fakes.academy import LINE, ML, academy, notebook
from tests.fakes.alike import handed_in
from tests.fakes.serving import listening

WORK = f"{ML}/{LINE}"


@pytest.fixture(params=["in a lab", "beside the state"])
def school(request, tmp_path, monkeypatch):
    with academy(tmp_path) as found, listening(found.app) as url:
        found.url = url
        monkeypatch.setenv("BITGOEUL_LANGUAGE", "en")
        monkeypatch.setenv("COLUMNS", "120")
        monkeypatch.setattr(regrading, "LOOK_EVERY", 0.05)
        monkeypatch.chdir(tmp_path)
        if request.param == "in a lab":
            monkeypatch.setenv("BITGOEUL_SERVICE_URL", url)
            monkeypatch.setenv("JUPYTERHUB_API_TOKEN", found.headers("seoyeon")["Authorization"].split()[1])
        found.release()
        found.submit("minji", notebook("wrong", "right", "why"))
        found.submit("junho", notebook("right", "right", "why"))
        found.settle()
        found.judge.mended = {"wrong"}
        found.judge.written.clear()
        yield found
        found.judge.go.set()


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def score_of(school, user):
    row = school.exchange.submissions_for(school.caller(user), ML)[0]
    return school.exchange.result_for(school.caller(user), row.id).score


def test_grading_shows_whose_score_would_change_and_changes_none(school):
    found = run("grade", WORK)

    assert found.exit_code == 0, found.output
    assert "minji" in found.output
    assert "+1" in found.output
    assert "junho" not in found.output
    assert "1 of 2 would change, by +1 points in all." in found.output
    assert f"bitgoeul course grade {WORK} --apply" in found.output
    assert score_of(school, "minji") == 2.0


def test_apply_makes_it_count_and_drop_leaves_it(school):
    run("grade", WORK)
    dropped = run("grade", WORK, "--drop")
    after_drop = score_of(school, "minji")
    preview = json.loads(run("grade", WORK, "--json").output)
    applied = run("grade", WORK, "--apply", "--json")

    assert "Dropped" in dropped.output
    assert after_drop == 2.0
    assert [(c["user"], c["before"], c["after"]) for c in preview["changes"]] == [("minji", 2.0, 3.0)]
    assert json.loads(applied.output) == {"applied": True}
    assert score_of(school, "minji") == 3.0


def test_with_nothing_to_apply_it_says_so(school):
    found = run("grade", WORK, "--apply")

    assert isinstance(found.exception, BitgoeulError)
    assert "No preview waits" in found.exception.text.en


def test_similar_work_is_listed_after_the_due_date_only(school):
    early = run("similar", WORK)
    handed_in(school)
    people, programs = run("similar", WORK), run("similar", WORK, "--json")

    assert isinstance(early.exception, BitgoeulError)
    assert "after the due date" in early.exception.text.en
    assert "junho · minji" in people.output
    assert "accuses nobody" in people.output
    assert [(p["left"], p["right"]) for p in json.loads(programs.output)["pairs"]] == [("junho", "minji")]


def test_no_pair_is_a_sentence(school):
    school.exchange.set_due(school.caller("seoyeon"), ML, LINE, datetime.now(UTC) - timedelta(hours=1))

    assert "No two works are alike" in run("similar", WORK).output


def test_jobs_that_no_service_takes_are_told(school, monkeypatch):
    monkeypatch.setattr(regrading, "PATIENCE", 0.2)
    school.exchange.marking.stop()
    found = run("grade", WORK)

    assert isinstance(found.exception, regrading.NobodyGrades)
    assert found.exit_code == 1


@pytest.mark.parametrize("words", ["machine-learning", "machine-learning/"])
def test_anything_but_an_assignment_is_told(school, words):
    assert isinstance(run("grade", words).exception, InputError)


def test_a_student_may_not(school, monkeypatch):
    token = school.headers("minji")["Authorization"].split()[1]
    monkeypatch.setenv("BITGOEUL_SERVICE_URL", school.url)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)
    for verb in ("grade", "similar"):
        found = run(verb, WORK)

        assert isinstance(found.exception, BitgoeulError)
        assert "Only staff of" in found.exception.text.en


def test_a_folder_without_an_academy_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "academy.toml").write_text("")

    assert isinstance(run("grade", WORK).exception, InputError)
