"""The same promises of identity, kept against a real JupyterHub and against the fake that stands in for it."""

from __future__ import annotations

import socket
from contextlib import contextmanager

import httpx
import pytest
from fastapi import FastAPI

from bitgoeul.errors import Text
from bitgoeul.settings import Settings
from bitgoeul.web import errors, pages, sign_in
from bitgoeul.web.auth import Authority, CurrentCaller, CurrentPerson
from bitgoeul.web.hub import HubClient
from bitgoeul.web.link import HubLink
from tests.fakes.browser import browser
from tests.fakes.hub import API, SERVICE_TOKEN, FakeHub
from tests.services.real_hub import real_hub

PREFIX = "/services/bitgoeul/"
GROUPS = {"nbgrader-machine-learning": ["minji"], "formgrade-machine-learning": ["seoyeon"]}


class Fake:
    """The fake with the same words as `RealHub`."""

    api = API

    def __init__(self) -> None:
        self.hub = FakeHub(
            {user: [g for g, members in GROUPS.items() if user in members] for user in ("minji", "seoyeon")}
        )
        self.transport = self.hub.transport

    def token_for(self, user: str, scopes=None) -> str:
        return self.hub.token_for(user, **({"scopes": scopes} if scopes else {}))

    def service_token(self) -> str:
        return self.hub.token_for("tests", kind="service")

    @contextmanager
    def browser(self):
        with browser(self.hub.app()) as client:
            yield client

    def sign_in(self, client: httpx.Client, user: str) -> None:
        client.cookies.set("who", user)


@pytest.fixture(scope="module", params=["fake", "real"])
def hub(request, tmp_path_factory):
    if request.param == "fake":
        yield Fake()
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with real_hub(tmp_path_factory.mktemp("hub"), port, GROUPS) as found:
        yield found


@pytest.fixture
def client(hub):
    link = HubLink(api_url=hub.api, api_token=SERVICE_TOKEN)
    app = FastAPI(docs_url=None, openapi_url=None)
    asks = HubClient(link.api_url, link.api_token, transport=getattr(hub, "transport", None))
    app.state.authority = Authority(link, asks)
    pages.install(app, pages.Pages(link, name=Text("학교", "Academy"), zone=Settings().zone))
    errors.install(app)
    sign_in.install(app)

    @app.api_route(f"{PREFIX}api/whoami", methods=["GET", "POST"])
    async def whoami(caller: CurrentCaller) -> dict:
        return {"user": caller.user, "groups": sorted(caller.groups), "kind": caller.kind, "admin": caller.admin}

    @app.get(f"{PREFIX}page")
    async def page(caller: CurrentPerson) -> str:
        return caller.user

    @app.get(f"{PREFIX}api/members/{{group}}")
    async def members(group: str) -> list[str]:
        return await asks.members(group)

    @app.get(f"{PREFIX}api/close")
    async def close() -> None:
        await asks.close()

    with browser(app, headers={"Accept": "text/html"}) as found:
        yield found
        found.get(f"{PREFIX}api/close")


def whoami(client, token):
    return client.get(f"{PREFIX}api/whoami", headers={"Authorization": f"token {token}"})


def test_a_token_with_the_scope_names_its_owner_and_his_groups(hub, client):
    found = whoami(client, hub.token_for("minji")).json()

    assert found == {"user": "minji", "groups": ["nbgrader-machine-learning"], "kind": "program", "admin": False}


def test_a_token_without_the_scope_is_refused(hub, client):
    assert whoami(client, hub.token_for("minji", scopes=("read:users:name!user",))).status_code == 403


def test_a_token_that_the_hub_does_not_know_is_nobody(hub, client):
    assert whoami(client, "0123456789abcdef0123456789abcdef").status_code == 401


def test_another_services_token_is_nobody(hub, client):
    assert whoami(client, hub.service_token()).status_code == 403


def test_the_members_of_a_group_are_the_hubs_and_a_group_that_is_not_there_has_none(hub, client):
    assert client.get(f"{PREFIX}api/members/nbgrader-machine-learning").json() == ["minji"]
    assert client.get(f"{PREFIX}api/members/nbgrader-nothing").json() == []


def test_a_person_signs_in_by_the_hub_and_comes_back_to_his_page(hub, client):
    start = client.get(f"{PREFIX}page?x=1")
    with hub.browser() as at_hub:
        hub.sign_in(at_hub, "minji")
        back = at_hub.get(start.headers["location"])
    assert back.status_code == 302, back.text
    done = client.get(back.headers["location"])

    assert done.headers["location"] == f"{PREFIX}page?x=1"
    assert client.get(f"{PREFIX}page").json() == "minji"
    assert client.post(f"{PREFIX}api/whoami").status_code == 403, "a cookie alone changes nothing"


def test_a_code_is_good_once(hub, client):
    start = client.get(f"{PREFIX}page")
    with hub.browser() as at_hub:
        hub.sign_in(at_hub, "minji")
        back = at_hub.get(start.headers["location"]).headers["location"]
    state = dict(client.cookies)
    client.get(back)
    client.cookies.update(state)

    assert client.get(back).status_code == 401


def test_a_code_needs_the_verifier_of_the_browser_that_asked(hub, client):
    first, second = client.get(f"{PREFIX}page"), client.get(f"{PREFIX}page")
    with hub.browser() as at_hub:
        hub.sign_in(at_hub, "minji")
        one = httpx.URL(at_hub.get(first.headers["location"]).headers["location"])
        other = httpx.URL(at_hub.get(second.headers["location"]).headers["location"])
    swapped = one.copy_set_param("code", other.params["code"])

    assert client.get(str(swapped)).status_code == 401


@pytest.mark.parametrize("hub", ["real"], indirect=True)  # the fake has no session of its own
def test_signing_out_at_the_hub_ends_the_session_here_at_once(hub, client):
    start = client.get(f"{PREFIX}page")
    with hub.browser() as at_hub:
        hub.sign_in(at_hub, "minji")
        back = at_hub.get(start.headers["location"])
        client.cookies.set("jupyterhub-session-id", at_hub.cookies["jupyterhub-session-id"], domain="academy.test")
        client.get(back.headers["location"])
        before = client.get(f"{PREFIX}page").status_code
        at_hub.get("/hub/logout")
        client.cookies.delete("jupyterhub-session-id")

    assert before == 200
    assert client.get(f"{PREFIX}page").status_code == 302
