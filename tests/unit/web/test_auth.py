"""Identity: the Hub's token and nothing else."""

from __future__ import annotations

import time

import anyio
import pytest
from fastapi import FastAPI, Request

from bitgoeul.errors import HubUnavailable, NotAllowed, ServiceRefused, Text
from bitgoeul.names import CourseName, UserName
from bitgoeul.settings import Settings
from bitgoeul.web import errors, pages, sign_in
from bitgoeul.web.auth import Authority, Caller, CurrentCaller, CurrentPerson
from bitgoeul.web.hub import HubClient
from bitgoeul.web.link import HubLink
from tests.fakes.browser import browser
from tests.fakes.hub import API, SCOPE, SERVICE_TOKEN, FakeHub

LINK = HubLink(api_url=API, api_token=SERVICE_TOKEN)
PREFIX = LINK.prefix


@pytest.fixture
def hub():
    return FakeHub({"minji": ["nbgrader-machine-learning"], "seoyeon": ["formgrade-machine-learning"]})


@pytest.fixture
def client(hub):
    app = FastAPI(docs_url=None, openapi_url=None)
    app.state.authority = Authority(LINK, HubClient(LINK.api_url, LINK.api_token, transport=hub.transport))
    pages.install(app, pages.Pages(LINK, name=Text("학교", "Academy"), zone=Settings().zone))
    errors.install(app)
    sign_in.install(app)

    @app.api_route(f"{PREFIX}api/whoami", methods=["GET", "POST"])
    async def whoami(caller: CurrentCaller) -> dict:
        return {"user": caller.user, "kind": caller.kind, "csrf": caller.csrf}

    @app.get(f"{PREFIX}page")
    async def page(caller: CurrentPerson) -> str:
        return caller.user

    @app.get(f"{PREFIX}api/members")
    async def members(request: Request) -> list[str]:
        return await request.app.state.authority.hub.members("nbgrader-machine-learning")

    with browser(app, headers={"Accept": "text/html"}) as client:
        yield client


def signed_in(client, hub, user="minji"):
    """Walk through the Hub's OAuth as a browser does."""
    return client.get(at_the_hub(hub, client.get(f"{PREFIX}page"), user).headers["location"])


def at_the_hub(hub, start, user="minji"):
    with browser(hub.app(), cookies={"who": user}) as client:
        return client.get(start.headers["location"])


def test_a_programs_token_in_the_header_says_who_it_is(client, hub):
    for word in ("token", "Bearer", "bearer"):
        answer = client.get(f"{PREFIX}api/whoami", headers={"Authorization": f"{word} {hub.token_for('minji')}"})

        assert answer.json()["user"] == "minji"
        assert answer.json()["kind"] == "program"


@pytest.mark.parametrize(
    "value", ["", "token", "token ", "Basic bWluamk6eA==", "token a b", "token nope", "minji", "token \xff"]
)
def test_a_header_that_the_hub_does_not_know_is_401_whatever_the_cookie_says(client, hub, value):
    signed_in(client, hub)

    answer = client.get(f"{PREFIX}api/whoami", headers={"Authorization": value.encode("latin-1")})

    assert answer.status_code == 401
    assert answer.json()["code"] == "sign-in-needed"


@pytest.mark.parametrize(
    "claims",
    [
        {"headers": {"X-Forwarded-User": "seoyeon", "Remote-User": "seoyeon", "X-JupyterHub-User": "seoyeon"}},
        {"params": {"token": "TOKEN", "user": "minji"}},
        {"cookies": {"bitgoeul-session": "TOKEN"}},
        {"cookies": {"bitgoeul-session": "TOKEN.c2lnbmF0dXJl"}},
        {"cookies": {"service-bitgoeul": "TOKEN"}},
    ],
)
def test_no_identity_comes_from_anywhere_else(client, hub, claims):
    token = hub.token_for("minji")
    filled = {kind: {k: v.replace("TOKEN", token) for k, v in values.items()} for kind, values in claims.items()}
    for name, value in filled.pop("cookies", {}).items():
        client.cookies.set(name, value)

    answer = client.get(f"{PREFIX}api/whoami", **filled)

    assert answer.status_code == 401


def test_a_token_without_the_scope_for_this_service_is_403(client, hub):
    for scopes in ((), ("self",), ("access:services!service=other",), ("access:servers",), (SCOPE + "x",)):
        token = hub.token_for("minji", scopes=scopes)
        answer = client.get(f"{PREFIX}api/whoami", headers={"Authorization": f"token {token}"})

        assert answer.status_code == 403


def test_a_token_of_another_service_is_nobody_even_if_it_is_named_like_a_person(client, hub):
    token = hub.token_for("minji", kind="service", scopes=("access:services",))

    answer = client.get(f"{PREFIX}api/whoami", headers={"Authorization": f"token {token}"})

    assert answer.status_code == 403


def test_a_user_whose_name_could_not_be_a_path_is_refused(client, hub):
    hub.users["../minji"] = []

    answer = client.get(f"{PREFIX}api/whoami", headers={"Authorization": f"token {hub.token_for('../minji')}"})

    assert answer.status_code == 403


def test_the_hub_away_is_503_and_its_refusal_of_us_is_500(client, hub):
    token = hub.token_for("minji")
    hub.down = True
    away = client.get(f"{PREFIX}api/whoami", headers={"Authorization": f"token {token}"})
    hub.down, hub.refuses_us = False, True
    refused = client.get(f"{PREFIX}api/members")

    assert (away.status_code, away.json()["code"]) == (HubUnavailable.status, "hub-unavailable")
    assert (refused.status_code, refused.json()["code"]) == (ServiceRefused.status, "service-refused")


def test_no_answer_ever_repeats_the_token(client, hub):
    token = hub.token_for("minji", scopes=())

    answer = client.get(f"{PREFIX}api/whoami", headers={"Authorization": f"token {token}"})

    assert token not in answer.text
    assert token not in str(answer.headers)


def test_what_a_token_means_is_remembered_for_a_minute_and_not_longer(hub):
    now = [1000.0]
    client = HubClient(API, SERVICE_TOKEN, transport=hub.transport, clock=lambda: now[0])
    token = hub.token_for("minji")

    async def ask(after: float, session: str = "") -> bool:
        now[0] = 1000.0 + after
        return await client.user_of(token, session=session) is not None

    async def steps():
        first = await ask(0)
        hub.revoke(token)
        return first, await ask(59), await ask(59, session="another"), await ask(60.1)

    first, within, after_signing_out, later = anyio.run(steps)

    assert (first, within) == (True, True)
    assert (after_signing_out, later) == (False, False)


def test_a_person_comes_back_from_the_hub_to_the_page_he_wanted(client, hub):
    start = client.get(f"{PREFIX}page?tab=2")
    back = at_the_hub(hub, start)
    done = client.get(back.headers["location"])

    assert start.status_code == 302
    assert done.headers["location"] == f"{PREFIX}page?tab=2"
    assert client.get(f"{PREFIX}page").json() == "minji"


def test_the_session_cookie_is_kept_from_scripts_other_paths_and_other_sites(client, hub):
    done = signed_in(client, hub)
    cookie = next(c for c in done.headers.get_list("set-cookie") if c.startswith("bitgoeul-session="))

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Path={PREFIX}" in cookie


def test_a_callback_with_a_state_of_another_browser_is_refused(client, hub):
    start = client.get(f"{PREFIX}page")
    back = at_the_hub(hub, start, "seoyeon")
    client.cookies.clear()
    stolen = client.get(back.headers["location"])

    assert stolen.status_code == 401
    assert "set-cookie" not in stolen.headers


def test_a_callback_works_once(client, hub):
    start = client.get(f"{PREFIX}page")
    back = at_the_hub(hub, start)
    first = client.get(back.headers["location"])
    second = client.get(back.headers["location"])

    assert first.status_code == 302
    assert second.status_code == 401
    assert not [cookie for cookie in client.cookies if cookie.startswith("bitgoeul-oauth-")]


def test_signing_in_has_to_be_finished_within_ten_minutes(client, hub, monkeypatch):
    start = client.get(f"{PREFIX}page")
    back = at_the_hub(hub, start)
    later = time.time() + 601
    monkeypatch.setattr(sign_in.time, "time", lambda: later)

    assert client.get(back.headers["location"]).status_code == 401


def test_a_cookie_of_one_sign_in_does_not_serve_another(client, hub):
    first, second = client.get(f"{PREFIX}page"), client.get(f"{PREFIX}page")
    names = [next(c.split("=")[0] for c in s.headers.get_list("set-cookie")) for s in (first, second)]
    value = client.cookies[names[0]]
    client.cookies.clear()
    client.cookies.set(names[1], value, domain="academy.test", path=PREFIX)

    assert client.get(at_the_hub(hub, second).headers["location"]).status_code == 401


def test_a_code_cannot_be_used_without_the_verifier_of_the_browser_that_asked(client, hub):
    client.get(f"{PREFIX}page")
    start = client.get(f"{PREFIX}page")
    back = at_the_hub(hub, start)
    code = back.headers["location"].split("code=")[1].split("&")[0]
    hub.codes[code]["challenge"] = "another"
    done = client.get(back.headers["location"])

    assert done.status_code == 401


@pytest.mark.parametrize(
    "target", ["https://evil.test/", "//evil.test", "/hub/logout", PREFIX + "/evil.test", "/services/bitgoeul/\\evil"]
)
def test_signing_in_never_leads_to_another_site(target):
    assert sign_in._inside(PREFIX, target) == PREFIX


def test_a_change_needs_the_pages_csrf_token_when_it_comes_with_the_cookie(client, hub):
    signed_in(client, hub)
    csrf = client.get(f"{PREFIX}api/whoami").json()["csrf"]
    other = csrf[:-1] + ("A" if csrf[-1] != "A" else "B")
    url = f"{PREFIX}api/whoami"

    assert client.post(url).status_code == 403
    assert client.post(url, headers={"X-CSRF-Token": other}).status_code == 403
    assert client.post(url, data={"_csrf": "한글"}).status_code == 403
    assert client.post(url, headers={"X-CSRF-Token": csrf}).status_code == 200
    assert client.post(url, data={"_csrf": csrf}).status_code == 200
    assert client.post(url, data={"_csrf": csrf}, files={"f": b"x"}).status_code == 200


def test_a_program_needs_no_csrf_token(client, hub):
    answer = client.post(f"{PREFIX}api/whoami", headers={"Authorization": f"token {hub.token_for('minji')}"})

    assert answer.status_code == 200


def test_a_form_larger_than_the_limit_is_refused_before_it_is_read(client, hub):
    signed_in(client, hub)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(10**12)}

    assert client.post(f"{PREFIX}api/whoami", content=b"a=1", headers=form).status_code == 413


def test_signing_out_ends_our_session_and_leads_to_the_hubs(client, hub):
    signed_in(client, hub)
    csrf = client.get(f"{PREFIX}api/whoami").json()["csrf"]
    answer = client.post(f"{PREFIX}logout", data={"_csrf": csrf})

    assert answer.headers["location"] == "/hub/logout"
    assert client.get(f"{PREFIX}api/whoami").status_code == 401


def test_courses_come_from_the_hubs_groups_and_odd_groups_are_passed_over():
    groups = frozenset({"nbgrader-b", "nbgrader-a", "formgrade-c", "cohort-x", "nbgrader-", "nbgrader-UPPER", "admins"})
    caller = Caller(UserName("minji"), groups, "person")

    assert caller.student_of == ("a", "b")
    assert caller.staff_of == ("c",)


def test_members_and_staff_are_told_apart():
    caller = Caller(UserName("minji"), frozenset({"nbgrader-a", "formgrade-b"}), "person", admin=True)
    a, b, c = CourseName("a"), CourseName("b"), CourseName("c")

    caller.require_member(a)
    caller.require_member(b)
    caller.require_staff(b)
    for refused in (caller.require_staff, caller.require_member):
        with pytest.raises(NotAllowed):
            refused(c)
    with pytest.raises(NotAllowed):
        caller.require_staff(a)


def test_the_link_names_the_variables_that_the_hub_did_not_give():
    with pytest.raises(ServiceRefused, match="JUPYTERHUB_API_TOKEN"):
        HubLink.from_environ({"JUPYTERHUB_API_URL": "http://x"})


def test_the_variables_of_a_managed_service_make_the_link():
    link = HubLink.from_environ(
        {
            "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api",
            "JUPYTERHUB_API_TOKEN": "t",
            "JUPYTERHUB_BASE_URL": "/a/",
        }
    )

    assert link.browser_url("home") == "/a/hub/home"
    assert link.scope == SCOPE
