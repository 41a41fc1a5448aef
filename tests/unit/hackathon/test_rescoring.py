"""A new scoring is a set that is looked at, then applied or dropped; nothing shown changes before."""

from __future__ import annotations

import pytest

from bitgoeul.errors import Conflict
from bitgoeul.hackathon import scoring
from bitgoeul.hackathon.rescoring import Rescoring
from tests.unit.hackathon.conftest import BOSS


@pytest.fixture
def played(world, monkeypatch):
    """Two teams, and then a scorer that finds the second one better than the first."""
    world.open()
    for user in ("minji", "jun"):
        world.team(user)
    world.submit("minji", world.file(0.0))
    world.submit("jun", world.file(0.1))
    built_in = scoring.score

    def mended(problem, guess):
        found = built_in(problem, guess)
        return scoring.Score(1.0 - abs(found.value) if found.value > 0.99 else found.value, found.error)

    monkeypatch.setattr(scoring, "score", mended)
    return world


def test_a_set_is_looked_at_before_it_counts(played):
    rescoring = Rescoring(played.organising)
    before = played.board()
    found = rescoring.begin(BOSS, "small")

    assert {change["team"] for change in found["changes"]} == {"team minji", "team jun"}
    assert (found["missing"], found["refused"]) == (0, 0)
    assert played.board() == before == [(1, "team minji"), (2, "team jun"), (None, "· half")]
    rescoring.apply(BOSS, "small")
    assert played.board() == [(1, "team jun"), (2, "team minji"), (None, "· half")]
    with pytest.raises(Conflict):
        rescoring.apply(BOSS, "small")


def test_a_dropped_set_changes_nothing_and_its_number_is_not_used_again(played):
    rescoring = Rescoring(played.organising)
    first = rescoring.begin(BOSS, "small")["version"]
    rescoring.drop(BOSS, "small")

    assert rescoring.look("small")["changes"] == []
    assert played.board()[0] == (1, "team minji")
    assert rescoring.begin(BOSS, "small")["version"] == first + 1


def test_what_is_scored_meanwhile_has_to_be_in_the_set(played):
    rescoring = Rescoring(played.organising)
    rescoring.begin(BOSS, "small")
    played.submit("jun", played.file(0.05))
    with pytest.raises(Conflict, match=r"1 submission\(s\)"):
        rescoring.apply(BOSS, "small")
    rescoring.begin(BOSS, "small")

    assert rescoring.apply(BOSS, "small")["missing"] == 0
