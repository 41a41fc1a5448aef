"""Signing in for real: `bitgoeul up`, npm's oidc-provider, the code flow with PKCE, groups by claims and by the roster."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.fakes.openid import CLIENT, SECRET, OpenId, browser, openid, sign_in
from tests.fakes.ports import free_port
from tests.system.academy import Academy, started

pytestmark = pytest.mark.system
TODAY = datetime.now(UTC).date()
SETTINGS = """
[academy]
name = {{ ko = "학교", en = "Academy" }}
time_zone = "UTC"

[login]
provider = "oidc"
client_id = "{client}"
issuer = "{issuer}"
groups_claim = "groups"
scopes = ["groups"]

[[people]]
user = "boss"
name = {{ ko = "최지호", en = "Jiho Choi" }}
role = "operator"
account = "oidc-op-7"

[cohorts.academy-1]
title = {{ ko = "1기", en = "Cohort 1" }}
courses = ["machine-learning"]

[cohorts.evening]
title = {{ ko = "저녁반", en = "Evening class" }}
courses = ["ai-and-data"]
"""


@dataclass(frozen=True)
class World:
    academy: Academy
    provider: OpenId
    settings: Path

    @property
    def start(self) -> str:
        return f"{self.academy.url}/hub/oauth_login"

    def import_roster(self, text: str) -> str:
        roster = self.settings.with_name("roster.csv")
        roster.write_bytes(text.encode("cp949"))
        environ = os.environ | {"BITGOEUL_SETTINGS": str(self.settings), "BITGOEUL_STATE": str(self.academy.state)}
        command = [sys.executable, "-m", "bitgoeul", "people", "import", str(roster), "--apply"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def groups(self, client: httpx.Client) -> set[str]:
        """Ask the Hub who this browser is, by a token that its person makes."""
        page = client.get(f"{self.academy.url}/hub/home")
        name = re.findall(r"/hub/spawn/([^/\"]+)\"", page.text)
        assert page.status_code == 200, (self.academy.state / "hub/hub.log").read_text()[-3000:]
        xsrf = next(str(c.value) for c in client.cookies.jar if c.name == "_xsrf" and c.path == "/hub/")
        api, headers = (
            f"{self.academy.url}/hub/api",
            {"X-XSRFToken": xsrf, "Sec-Fetch-Mode": "cors", "Referer": f"{self.academy.url}/hub/home"},
        )
        token = client.post(f"{api}/users/{name[0]}/tokens", headers=headers, json={"note": "test"})
        assert token.status_code == 201, token.text
        me = httpx.get(f"{api}/user", headers={"Authorization": f"token {token.json()['token']}"}, trust_env=False)
        return set(me.json()["groups"]) | {f"user:{me.json()['name']}"} | ({"admin"} if me.json()["admin"] else set())


def wait_until_served(academy: Academy) -> None:
    """What claims say is kept in the service's database, which it makes in its first second."""
    until = time.monotonic() + 60
    while httpx.get(f"{academy.url}/services/bitgoeul/api/receipt-key", trust_env=False).status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder, port = tmp_path_factory.mktemp("sign-in"), free_port()
    settings = folder / "academy.toml"
    with openid(f"http://127.0.0.1:{port}/hub/oauth_callback") as provider:
        settings.write_text(SETTINGS.format(client=CLIENT, issuer=provider.issuer))
        key = folder / "state/keys/login-secret"
        key.parent.mkdir(parents=True)
        key.write_text(SECRET)
        key.chmod(0o600)
        with started(folder / "state", settings, port=port) as academy:
            wait_until_served(academy)
            yield World(academy, provider, settings)


def test_a_claimed_cohort_lets_a_person_in_as_its_student_and_never_as_staff(world: World) -> None:
    with browser() as client:
        answer, way = sign_in(client, world.start, "Ada-42")
        assert answer.headers["location"] == "/services/bitgoeul/", answer.text
        groups = world.groups(client)

    asked = parse_qs(urlsplit(way[1]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{world.academy.url}/hub/oauth_callback"]
    (user,) = {group for group in groups if group.startswith("user:")}
    assert re.fullmatch(r"user:oidc\.[0-9a-f]{40}", user), "capital letters count, so the name is a hash"
    assert groups - {user} == {"cohort-academy-1", "nbgrader-machine-learning"}


def test_who_is_taken_out_of_the_class_there_is_out_here(world: World) -> None:
    world.provider.say("mover", {"name": "Mover", "groups": ["academy-1"]})
    with browser() as client:
        sign_in(client, world.start, "mover")
        before = world.groups(client)
    world.provider.say("mover", {"name": "Mover", "groups": ["evening"]})
    with browser() as client:
        sign_in(client, world.start, "mover")
        after = world.groups(client)
    world.provider.say("mover", {"name": "Mover", "groups": []})
    with browser() as client:
        refused, _ = sign_in(client, world.start, "mover")

    assert "cohort-academy-1" in before
    assert {group for group in after if "-" in group and not group.startswith("user:")} == {
        "cohort-evening",
        "nbgrader-ai-and-data",
    }
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("language", "sentence"), [("ko", "이 계정은 명단에 없습니다"), ("en", "this account is not in it")]
)
def test_a_stranger_is_refused_with_the_number_that_the_operator_needs(
    world: World, language: str, sentence: str
) -> None:
    with browser(language) as client:
        answer, _ = sign_in(client, world.start, "stranger")

    assert answer.status_code == 403
    assert sentence in answer.text
    assert "oidc-stranger" in answer.text
    assert f'<html lang="{language}">' in answer.text
    assert "jupyterhub-session-id" not in client.cookies


def test_an_operator_of_the_settings_is_known_by_his_account_and_is_an_admin(world: World) -> None:
    with browser() as client:
        sign_in(client, world.start, "op-7")

        assert world.groups(client) == {"user:boss", "admin"}


def test_an_imported_roster_counts_at_once_and_its_days_decide(world: World) -> None:
    past, soon = TODAY - timedelta(days=30), TODAY + timedelta(days=30)
    rows = f"""아이디,이름,계정,기수,시작일,종료일
hana,김하나,oidc-hana,academy-1,{past},{soon}
hana,김하나,oidc-hana,저녁반,{soon},
dul,이두리,oidc-dul,academy-1,{past},{TODAY - timedelta(days=1)}
set,박세찬,oidc-set,academy-1,{soon},
"""
    with browser("ko") as client:
        before, _ = sign_in(client, world.start, "hana")
    told = world.import_roster(rows)
    pages = {}
    for person in ("dul", "set"):
        with browser("ko") as client:
            pages[person] = sign_in(client, world.start, person)[0]
    with browser("ko") as client:
        sign_in(client, world.start, "hana")
        groups = world.groups(client)
        home = client.get(f"{world.academy.url}/hub/home").text

    assert before.status_code == 403
    assert "CP949" in told
    assert groups == {"user:hana", "cohort-academy-1", "nbgrader-machine-learning"}
    assert "김하나" in home
    assert "기간은" in pages["dul"].text
    assert f"{soon}에 시작합니다" in pages["set"].text
    assert {page.status_code for page in pages.values()} == {403}


def test_a_code_without_its_state_or_verifier_is_worth_nothing(world: World) -> None:
    with browser() as client, browser() as thief:
        client.get(world.start)
        stolen = thief.get(f"{world.academy.url}/hub/oauth_callback?code=abc&state=e30=")
        back = client.get(f"{world.academy.url}/hub/oauth_callback?error=access_denied")

    assert stolen.status_code == 400
    assert back.status_code == 400
    assert "Please start it again" in back.text


def test_the_first_page_has_one_button_and_headers_that_protect_it(world: World) -> None:
    with browser("ko") as client:
        page = client.get(f"{world.academy.url}/hub/login")

    assert page.text.count("/hub/oauth_login") == 1
    assert "학교 계정으로 로그인" in page.text
    assert "비밀번호가 없고" not in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_groups_follow_the_roster_without_anybody_signing_in(world: World) -> None:
    """The service asks the Hub who a course's students are; people who have not come yet belong to it too."""
    import sqlite3

    world.import_roster("아이디,이름,계정,기수\nnew,신입생,oidc-new,academy-1\n")
    until = time.monotonic() + 75
    database = f"file:{world.academy.state}/hub/jupyterhub.sqlite?mode=ro"
    query = "select 1 from user_group_map m join users u on u.id = m.user_id join groups g on g.id = m.group_id where u.name = 'new' and g.name = 'cohort-academy-1'"
    while time.monotonic() < until:
        with sqlite3.connect(database, uri=True) as connection:
            if connection.execute(query).fetchone():
                return
        time.sleep(0.5)
    raise AssertionError("the group was not corrected")
