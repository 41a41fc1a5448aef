"""A challenge's folder: every fault of challenge.toml at once, by line, in both languages."""

from __future__ import annotations

import shutil

import pytest

from bitgoeul.errors import ChallengeError, NotFound
from bitgoeul.hackathon.loading import find_challenge, load_challenge, load_challenges


@pytest.fixture
def folder(root, tmp_path):
    shutil.copytree(root / "curriculum/challenges/battery-life", tmp_path / "curriculum/challenges/battery-life")
    return tmp_path / "curriculum/challenges/battery-life"


def change(folder, old, new):
    path = folder / "challenge.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def faults(folder):
    with pytest.raises(ChallengeError) as caught:
        load_challenge(folder)
    return [fault.text.en for fault in caught.value.faults]


def test_the_shipped_ones_are_whole(root):
    found = load_challenges(root / "curriculum")

    assert {"battery-life", "unfamiliar-drivers"} <= {challenge.name for challenge in found}
    assert find_challenge(found, "battery-life").record.metric.direction == "lower"
    with pytest.raises(NotFound):
        find_challenge(found, "nothing")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("finals = 2", "finals = 0", "finals"),
        ('name = "mae"', 'name = "maee"', "one of accuracy"),
        ('name = "mae"', 'name = "f1"', "at least two classes"),
        ("end = 2026-12-06", "end = 2026-12-04", "starts before it ends"),
        ("hours = 4", "hours = 5", "divisor of 24"),
        ("smallest = 3", "smallest = 9", "smallest is at most largest"),
        ("+09:00", "", "timezone"),
        ("freeze_minutes = 60", "freeze_minutes = 6000", "freeze_minutes"),
        ('zone = "Asia/Seoul"', 'zone = "Asia/Gwangju"', "zone"),
        ('zone = "Asia/Seoul"', 'seed = 3\nzone = "Asia/Seoul"', "not known"),
        ("judges = 3", "judges = 2", "judges"),
        ('columns = ["soh_400"]', 'columns = ["soh_400"]\nown = true', "own = true"),
    ],
)
def test_each_fault_is_told(folder, old, new, told):
    change(folder, old, new)

    assert any(told in text for text in faults(folder))


def test_all_faults_are_told_at_once(folder):
    change(folder, "finals = 2", "finals = 99")
    change(folder, "hours = 4", "hours = 7")
    (folder / "starter.py").unlink()

    assert len(faults(folder)) == 3


def test_no_toml_and_an_impossible_name(folder):
    (folder / "challenge.toml").write_text("= 3")
    assert "TOML" in faults(folder)[0]

    odd = folder.rename(folder.with_name("Battery Life"))
    assert "challenge name" in faults(odd)[0]
