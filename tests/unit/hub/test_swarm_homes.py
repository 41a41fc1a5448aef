"""Where a person may start: with his files while their machine lives, and never without them before he was told."""

from __future__ import annotations

from pathlib import Path

from bitgoeul.hub.swarm_homes import Home, Homes, moved, where
from bitgoeul.hub.swarm_tasks import Machine

H1 = Machine("n1", "h1", "10.0.0.1", up=True, takes=True)
H2 = Machine("n2", "h2", "10.0.0.2", up=True, takes=True)
DEAD = Machine("n2", "h2", "10.0.0.2", up=False, takes=False)


def test_the_first_start_may_be_anywhere() -> None:
    assert where(None, {"n1": H1}).machine == ""


def test_a_home_is_followed_while_its_machine_lives() -> None:
    assert where(Home("n2", "h2"), {"n1": H1, "n2": H2}).machine == "n2"
    assert where(Home("n2", "h2", told=True), {"n1": H1, "n2": H2}).machine == "n2"


def test_without_its_machine_a_person_is_told_before_he_begins_with_an_empty_home() -> None:
    for known in ({"n1": H1, "n2": DEAD}, {"n1": H1}):
        first, second = where(Home("n2", "h2"), known), where(Home("n2", "h2", told=True), known)

        assert first.refused is not None
        assert "h2" in first.refused.ko
        assert "h2" in first.refused.en
        assert (second.machine, second.refused) == ("", None)
        assert second.empty is not None


def test_a_gpu_elsewhere_is_told_of_too() -> None:
    known = {"n1": H1, "n2": H2}

    assert where(Home("n2", "h2"), known, "h2").machine == "n2"
    refused = where(Home("n2", "h2"), known, "h1").refused
    assert refused is not None
    assert "h1" in refused.en
    assert where(Home("n2", "h2", told=True), known, "h1").empty is not None


def test_what_is_written_is_read_and_older_homes_are_kept_in_mind(tmp_path: Path) -> None:
    homes = Homes(tmp_path / "homes")
    assert homes.of("minji") is None

    homes.put("minji", moved(None, H2))
    homes.tell("minji")
    assert homes.of("minji") == Home("n2", "h2", told=True)

    homes.put("minji", moved(homes.of("minji"), H1))
    assert homes.of("minji") == Home("n1", "h1", earlier=("h2",))
    assert moved(homes.of("minji"), H1) == Home("n1", "h1", earlier=("h2",))
