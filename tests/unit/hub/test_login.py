"""The gate that every way to sign in has in common, and the way of one's own machine: the roster and nobody else."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tornado.web import HTTPError

from bitgoeul import settings
from bitgoeul.errors import ServiceBusy
from bitgoeul.hub.login import RosterAuthenticator, Told
from bitgoeul.hub.throttle import FREE
from bitgoeul.people.directory import Directory
from bitgoeul.settings import Settings

HANDLER = SimpleNamespace(request=SimpleNamespace(remote_ip="10.0.0.1"))


class Visit(RosterAuthenticator):
    """Without the last step, which writes to a Hub's database: tests/system has a real one."""

    async def run_post_auth_hook(self, _handler: Any, auth_model: dict[str, Any]) -> dict[str, Any]:
        return auth_model


@pytest.fixture
def academy(root: Path, tmp_path: Path) -> Settings:
    return settings.load(root / "academy.toml", {"BITGOEUL_STATE": str(tmp_path)})


@pytest.fixture
def authenticator(academy: Settings) -> Visit:
    return Visit(directory=Directory(academy), allowed_users={str(person.user) for person in academy.people})


def come(authenticator: Visit, name: str | None) -> dict[str, Any] | None:
    data = {} if name is None else {"username": name}
    return asyncio.run(authenticator.get_authenticated_user(HANDLER, data))


@pytest.mark.parametrize(("name", "admin"), [("minji", False), ("jiho", True)])
def test_a_person_of_the_roster_comes_in(authenticator: Visit, name: str, admin: bool) -> None:
    found = come(authenticator, name)

    assert found is not None
    assert found["name"] == name
    assert found["admin"] is admin


@pytest.mark.parametrize("name", ["", "admin", "root", "../minji", "minji jiho", "jiho\n", None])
def test_nobody_else_comes_in(authenticator: Visit, name: str | None) -> None:
    assert come(authenticator, name) is None


def test_who_tries_too_often_waits_and_is_told_how_long_in_both_languages(authenticator: Visit) -> None:
    for _ in range(FREE):
        assert come(authenticator, "nobody") is None
    with pytest.raises(HTTPError) as told:
        come(authenticator, "nobody")

    assert told.value.status_code == 429
    assert told.value.headers == {"Retry-After": "2"}
    assert "2초 뒤에" in told.value.jupyterhub_html_message
    assert "in 2 seconds" in told.value.jupyterhub_html_message
    assert come(authenticator, "minji"), "another person at the same address does not wait"


def test_the_size_of_letters_makes_no_second_key(authenticator: Visit) -> None:
    for name in ("nobody", "NOBODY", " nobody", "Nobody", "nobodY"):
        come(authenticator, name)
    with pytest.raises(HTTPError):
        come(authenticator, "noBody")


def test_an_outage_is_told_and_is_not_the_persons_fault(academy: Settings) -> None:
    class Away(Visit):
        async def authenticate(self, _handler: Any, _data: dict[str, str]) -> str | None:
            raise ServiceBusy(ko="바쁩니다", en="busy")

    authenticator = Away(directory=Directory(academy))
    for _ in range(3 * FREE):
        with pytest.raises(HTTPError) as told:
            come(authenticator, "minji")
        assert told.value.status_code == 503


def test_a_refusal_reads_in_both_languages_and_is_never_markup() -> None:
    from bitgoeul.errors import Text

    told = Told(403, Text("<b>가</b> 100%", "<b>a</b> 100%"))

    assert told.jupyterhub_html_message.count("&lt;b&gt;") == 2
    assert str(told) == "HTTP 403: Forbidden (<b>a</b> 100%)"


class Member:
    def __init__(self, name: str, *groups: str) -> None:
        self.name = name
        self.admin = name == "jiho"
        self.groups = [SimpleNamespace(name=group) for group in groups]
        self.now: set[str] = set()

    def sync_groups(self, names: set[str]) -> None:
        self.now = names


@pytest.mark.parametrize(("name", "stays"), [("minji", True), ("gone", False)])
def test_whoever_has_left_the_roster_is_signed_out(authenticator: Visit, name: str, stays: bool) -> None:
    assert asyncio.run(authenticator.refresh_user(Member(name))) is stays


def test_groups_are_put_right_at_every_refresh_and_an_operators_own_stay(authenticator: Visit) -> None:
    minji = Member("minji", "cohort-old", "formgrade-machine-learning", "chess-club")
    asyncio.run(authenticator.refresh_user(minji))

    assert minji.now == {
        "chess-club", "cohort-academy-1", "cohort-middle-school-1", "nbgrader-machine-learning", "nbgrader-ai-and-data",
    }  # fmt: skip


def test_who_is_no_operator_any_more_loses_the_rights_while_signed_in(authenticator: Visit) -> None:
    jiho, minji = Member("jiho"), Member("minji")
    minji.admin = True

    assert asyncio.run(authenticator.refresh_user(jiho)) is True
    assert asyncio.run(authenticator.refresh_user(minji)) == {"name": "minji", "admin": False}


def test_the_end_of_a_cohort_takes_effect_while_the_person_works(academy: Settings) -> None:
    day = datetime(2027, 3, 2, tzinfo=UTC)
    clock = SimpleNamespace(now=day)
    cohorts = {name: c.model_copy(update={"ends": day.date()}) for name, c in academy.cohorts.items()}
    directory = Directory(academy.model_copy(update={"cohorts": cohorts}), clock=lambda: clock.now)
    authenticator, minji = Visit(directory=directory), Member("minji")

    assert asyncio.run(authenticator.refresh_user(minji)) is True
    clock.now = datetime(2027, 3, 2, 16, tzinfo=UTC)  # past midnight in Seoul
    assert asyncio.run(authenticator.refresh_user(minji)) is False
