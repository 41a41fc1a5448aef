"""`challenge check` proves the shipped challenges, and finds each thing it is there to find."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bitgoeul.errors import AnswerError, ChallengeError, ScorerFailed
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon.building import SAMPLE, prepare
from bitgoeul.hackathon.checking import check
from bitgoeul.hackathon.loading import load_challenge, load_challenges
from bitgoeul.hackathon.scoring import score_file
from bitgoeul.settings import Grading

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(path.name for path in (ROOT / "curriculum/challenges").iterdir())


@pytest.fixture(scope="module")
def engine():
    return Engine(Grading(workers=2))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_challenges_are_proved(name, engine):
    report = check(load_challenge(ROOT / "curriculum/challenges" / name), engine)

    assert [fault.text.en for fault in report.faults] == []
    assert set(report.baselines) == set(report.challenge.record.baselines)


@pytest.fixture
def folder(tmp_path):
    """A small challenge of our own."""
    path = tmp_path / "curriculum/challenges/small"
    shutil.copytree(ROOT / "tests/samples/challenges/small", path)
    return path


def edit(path, old, new):
    text = path.read_text()
    assert old in text, old
    path.write_text(text.replace(old, new, 1))


def found(folder, engine):
    return "\n".join(fault.text.en for fault in check(load_challenge(folder), engine).faults)


def test_the_small_one_is_proved(folder, engine):
    assert found(folder, engine) == ""


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("data.py", 'f"{split}-{k}"', 'f"group-{k}"', "are in both train and public"),
        ("data.py", "rng = random.Random(", "rng = random.Random(str(random.random()) +", "other data the second time"),
        ("data.py", '"x": ', '"told": [seed] * n, "x": ', "holds the seed"),
        ("data.py", '"family": ', '"fam": ', "need the columns"),
        ("data.py", '"x": ', '"id": [1] * n, "x": ', "need the columns"),
        ("data.py", "target = [", "target = [None] * 0 + [None if split == 'public' else ", "cannot be a truth"),
        ("data.py", "target = [", "target = [1.0 if split == 'private' else ", "scoring fails"),
        ("data.py", "def make", "def made", "did not run to its end"),
        ("baseline.py", "0.5", "0.25", "is recorded, and it scores"),
        ("baseline.py", "0.5", "float('nan')", "has empty cells"),
        ("baseline.py", '"half"', '"other"', "challenge.toml records"),
        ("starter.py", "submission.csv", "elsewhere.csv", "does not run to its end"),
        ("starter.py", "answer.to_csv", "answer.assign(target='x').to_csv", "no numbers"),
        ("challenge.toml", 'name = "r2"', 'name = "rmsle"', "is recorded"),
    ],
)
def test_each_fault_is_found(folder, engine, file, old, new, told):
    edit(folder / file, old, new)

    assert told in found(folder, engine)


def test_a_test_file_tells_neither_split_nor_answer(folder):
    """Ids and places of public and private rows are mixed, and the same seed gives the same files."""
    challenge = load_challenge(folder)
    one, other = prepare(challenge, 12345), prepare(challenge, 54321)
    public = one.answers.public
    half = len(public) // 2

    assert b"target" not in one.files["test.csv"]
    assert b"secret" not in one.files["test.csv"]
    assert 0.2 < sum(public[:half]) / sum(public) < 0.8
    assert list(one.answers.ids) == sorted(one.answers.ids)
    assert one.digest == prepare(challenge, 12345).digest != other.digest


OWN = """
def score(truth, guess, weight, group):
    return sum(abs(t - g) for t, g in zip(truth["target"], guess["target"])) / len(weight)
"""


@pytest.fixture
def own(folder):
    """The small challenge with a scorer of its own."""
    edit(folder / "challenge.toml", 'name = "r2"', 'own = true\nbetter = "lower"\nkind = "number"')
    graders = folder.parents[2] / "graders/challenges"
    graders.mkdir(parents=True)
    (graders / "small.py").write_text(OWN)
    return folder, graders / "small.py"


def test_an_own_scorer_runs_in_the_sandbox(own, engine):
    challenge = load_challenge(own[0])
    prepared = prepare(challenge, 1)
    scores = score_file(challenge, prepared.answers, prepared.files[SAMPLE], engine)
    rows = prepared.answers.chosen("public")
    truth = [prepared.answers.truth["target"][row] for row in rows]

    assert scores.public.value == pytest.approx(sum(map(abs, truth)) / len(truth))


@pytest.mark.parametrize(
    "body",
    ["nan", "float('inf')", "None", "True", "1j", "[1.0]", "'1'", "1 / 0", "__import__('os')._exit(0)"],
)
def test_what_is_no_finite_number_is_the_hosts_fault(own, engine, body):
    folder, scorer = own
    scorer.write_text(f"nan = float('nan')\ndef score(**_):\n    return {body}\n")
    challenge = load_challenge(folder)
    prepared = prepare(challenge, 1)

    with pytest.raises(ScorerFailed) as caught:
        score_file(challenge, prepared.answers, prepared.files[SAMPLE], engine)
    assert not re.search(r"\d", caught.value.text.en)


def test_an_own_metric_needs_its_program_and_no_other_has_one(own):
    folder, scorer = own
    scorer.unlink()
    with pytest.raises(ChallengeError, match="does not fit the scorer"):
        load_challenge(folder)


def test_a_split_in_which_the_metric_is_undefined_is_told_when_answers_are_made(folder):
    challenge = load_challenge(folder)
    prepared = prepare(challenge, 1)
    flat = replace(prepared.answers, truth={"target": [1.0] * len(prepared.answers.ids)})

    with pytest.raises(ScorerFailed):
        score_file(challenge, flat, prepared.files[SAMPLE])
    with pytest.raises(AnswerError):
        score_file(challenge, prepared.answers, b"id,target\n1,2\n")


def test_loading_tells_all_faults_of_all_folders(folder):
    shutil.copytree(folder, folder.with_name("other"))
    for name in ("small", "other"):
        edit(folder.with_name(name) / "challenge.toml", "finals = 2", "finals = 0")

    with pytest.raises(ChallengeError) as caught:
        load_challenges(folder.parents[1])
    assert len(caught.value.faults) == 2
    assert json.dumps([fault.line for fault in caught.value.faults])
