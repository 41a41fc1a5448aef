"""The environment's name says what is installed, and nothing of the order in which it was found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.grading.environment import environment_hash, installed_environment

INSTALLED = [("numpy", "2.1.0"), ("Scikit_Learn", "1.5"), ("torch", "2.13.0+cpu")]


@given(st.permutations(INSTALLED))
def test_order_and_spelling_and_doubles_change_nothing(shuffled: list[tuple[str, str]]) -> None:
    spelled = [(name.lower().replace("_", "-"), version) for name, version in shuffled]

    assert environment_hash(shuffled) == environment_hash(spelled) == environment_hash(shuffled + spelled)


def test_another_version_or_package_is_another_environment() -> None:
    names = {
        environment_hash(found) for found in (INSTALLED, [*INSTALLED[:2], ("torch", "2.13.1+cpu")], INSTALLED[:2], [])
    }

    assert len(names) == 4


def test_this_interpreters_environment_is_a_sha256_and_stays() -> None:
    assert len(installed_environment()) == 64
    assert installed_environment() is installed_environment()
