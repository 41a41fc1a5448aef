"""Signing in: the roster and nobody else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from bitgoeul import settings
from bitgoeul.hub.login import RosterAuthenticator


@pytest.fixture
def authenticator(root: Path) -> RosterAuthenticator:
    people = settings.load(root / "academy.toml", {}).people
    return RosterAuthenticator(roster=people, allowed_users={str(person.user) for person in people})


@pytest.mark.parametrize("name", ["minji", "jiho"])
def test_a_person_of_the_roster_comes_in(authenticator: RosterAuthenticator, name: str) -> None:
    found = asyncio.run(authenticator.get_authenticated_user(None, {"username": name}))

    assert found["name"] == name


@pytest.mark.parametrize("name", ["", "admin", "root", "../minji", "minji jiho", "jiho\n"])
def test_nobody_else_comes_in(authenticator: RosterAuthenticator, name: str) -> None:
    assert asyncio.run(authenticator.get_authenticated_user(None, {"username": name})) is None


def test_a_form_without_a_name_is_nobody(authenticator: RosterAuthenticator) -> None:
    assert asyncio.run(authenticator.authenticate(None, {})) is None


@pytest.mark.parametrize(("name", "stays"), [("minji", True), ("gone", False)])
def test_whoever_has_left_the_roster_is_signed_out(authenticator: RosterAuthenticator, name: str, stays: bool) -> None:
    user = SimpleNamespace(name=name)

    assert asyncio.run(authenticator.refresh_user(user)) is stays
