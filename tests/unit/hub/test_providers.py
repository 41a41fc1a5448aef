"""The providers' real classes, fed over HTTP with the answers that Kakao, Naver, Google and GitHub document."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any, get_args
from urllib.parse import parse_qs

import pytest
from oauthenticator.oauth2 import _serialize_state
from tornado.web import HTTPError

from bitgoeul.hub import providers
from bitgoeul.hub.providers import PRESETS, ProviderGate, claimed, endpoints
from bitgoeul.people.directory import Directory
from bitgoeul.providers import BUTTONS, Login
from bitgoeul.providers import Provider as Provider_
from bitgoeul.settings import Settings

KAKAO_OIDC = {
    "sub": "3141592653",
    "nickname": "하나",
    "picture": "https://k.kakaocdn.net/x.jpg",
    "email": "hana@kakao.com",
    "email_verified": True,
}
KAKAO_PLAIN = {
    "id": 3141592653,
    "connected_at": "2027-03-02T00:00:00Z",
    "properties": {"nickname": "하나"},
    "kakao_account": {"profile_nickname_needs_agreement": False, "email": "hana@kakao.com", "is_email_verified": True},
}
NAVER = {
    "resultcode": "00",
    "message": "success",
    "response": {
        "id": "32742776-aB_c",
        "nickname": "OpenAPI",
        "name": "오픈 API",
        "email": "openapi@naver.com",
        "age": "40-49",
    },
}
GOOGLE = {
    "sub": "110169484474386276334",
    "name": "Hana Kim",
    "email": "hana@school.kr",
    "email_verified": True,
    "hd": "school.kr",
}
GITHUB = {"login": "hana", "id": 583231, "email": None, "name": "Hana"}
TOKEN = {"access_token": "token-1", "token_type": "bearer", "expires_in": 21599}
REDIRECT = "https://hub.example.kr/hub/oauth_callback"


class Provider(ThreadingHTTPServer):
    """Answers with what it is told to answer, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.answers: dict[str, tuple[int, Any]] = {}
        self.asked: dict[str, Any] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.asked[self.path] = {key: values[0] for key, values in parse_qs(body).items()} | {
            "authorization": self.headers.get("Authorization", "")
        }
        status, answer = self.server.answers[self.path]
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    do_POST = do_GET  # noqa: N815  http.server calls it so

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(user: Any, token: Any = TOKEN, *, status: int = 200) -> Iterator[Provider]:
    provider = Provider()
    provider.answers = {"/token": (status, token), "/user": (200, user)}
    Thread(target=provider.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield provider
    finally:
        provider.shutdown()
        provider.server_close()


def academy(tmp_path, *accounts: tuple[str, str]) -> Settings:
    name = {"ko": "김하나", "en": "Hana"}
    people = [{"user": user, "name": name, "role": "student", "account": account} for user, account in accounts]
    return Settings.model_validate({"people": people, "academy": {"state": tmp_path}})


def authenticator(provider: Provider, settings: Settings, name: str, **login: Any) -> ProviderGate:
    chosen = Login(provider=name, client_id="the-id", **login)
    values = providers.traits(chosen, secret="the-secret", callback=REDIRECT)
    values |= {
        "authorize_url": f"{provider.url}/authorize",
        "token_url": f"{provider.url}/token",
        "userdata_url": f"{provider.url}/user",
    }

    class Visit(PRESETS[name].authenticator):  # without the last step, which writes to a Hub's database
        async def run_post_auth_hook(self, _handler: Any, auth_model: dict[str, Any]) -> dict[str, Any]:
            return auth_model

    found = Visit(directory=Directory(settings), **values)
    found.discovered = True
    return found


def come(found: ProviderGate) -> dict[str, Any] | None:
    state = _serialize_state({"state_id": "s", "code_verifier": "the-verifier"})
    handler = SimpleNamespace(
        request=SimpleNamespace(remote_ip="10.0.0.1"),
        get_argument=lambda name, *_: {"code": "the-code", "state": "the-state"}[name],
        get_state_cookie=lambda: state,
    )
    return asyncio.run(found.get_authenticated_user(handler, None))


CASES = [
    ("kakao", KAKAO_OIDC, "kakao-3141592653"),
    ("kakao-plain", KAKAO_PLAIN, "kakao-3141592653"),
    ("naver", NAVER, "naver-32742776-aB_c"),
    ("google", GOOGLE, "google-110169484474386276334"),
    ("github", GITHUB, "github-583231"),
    ("oidc", {"sub": "Ada-42", "email": "ada@x.kr"}, "oidc-Ada-42"),
]


@pytest.mark.parametrize(("name", "answer", "account"), CASES)
def test_a_person_is_his_lasting_number_and_gets_the_rosters_name(
    tmp_path, name: str, answer: Any, account: str
) -> None:
    with serving(answer) as provider:
        found = come(authenticator(provider, academy(tmp_path, ("hana", account)), name))

    assert found is not None
    assert found["name"] == "hana"
    assert found["admin"] is False


@pytest.mark.parametrize(("name", "answer", "account"), CASES)
def test_a_stranger_is_refused_whatever_his_email_is_and_told_his_number(
    tmp_path, name: str, answer: Any, account: str
) -> None:
    email = "hana@kakao.com"
    with serving(answer) as provider, pytest.raises(HTTPError) as told:
        come(
            authenticator(
                provider, academy(tmp_path, (email, ""), ("hana", f"{account}0"), ("hd", account.upper())), name
            )
        )

    assert told.value.status_code == 403
    assert account in told.value.jupyterhub_html_message
    assert "명단에 없습니다" in told.value.jupyterhub_html_message


@pytest.mark.parametrize(("name", "answer", "account"), CASES)
def test_the_code_is_traded_with_its_verifier_and_our_secret_goes_nowhere_else(
    tmp_path, name: str, answer: Any, account: str
) -> None:
    with serving(answer) as provider:
        come(authenticator(provider, academy(tmp_path, ("hana", account)), name))

    token = provider.asked["/token"]
    assert token["code_verifier"] == "the-verifier"
    assert (token["client_id"], token["client_secret"], token["redirect_uri"]) == ("the-id", "the-secret", REDIRECT)
    assert provider.asked["/user"] == {"authorization": "Bearer token-1"}
    assert (token.get("state") == "the-state") is (name == "naver"), "Naver wants the state with the token too"


@pytest.mark.parametrize(
    ("name", "answer", "token", "status", "expected"),
    [
        ("naver", {"resultcode": "024", "message": "Authentication failed (인증에 실패했습니다.)"}, TOKEN, 200, 502),
        ("naver", {**NAVER, "resultcode": "024"}, TOKEN, 200, 502),
        ("naver", NAVER, {"error": "invalid_request", "error_description": "no valid data in session"}, 200, 403),
        ("kakao", KAKAO_OIDC, {"error": "invalid_grant", "error_description": "authorization code not found", "error_code": "KOE320"}, 400, 403),
        ("kakao-plain", {"msg": "this access token does not exist", "code": -401}, TOKEN, 200, 502),
        ("kakao", {"sub": ""}, TOKEN, 200, 502),
        ("kakao-plain", {"id": True}, TOKEN, 200, 502),
        ("oidc", {"email": "ada@x.kr"}, TOKEN, 200, 502),
        ("github", GITHUB, {"message": "down"}, 503, 502),
    ],
)  # fmt: skip
def test_an_error_of_the_provider_lets_nobody_in(tmp_path, name, answer, token, status, expected) -> None:
    settings = academy(tmp_path, ("hana", "kakao-True"), ("x", "oidc-None"), ("y", CASES[2][2]))
    with serving(answer, token, status=status) as provider, pytest.raises(HTTPError) as told:
        come(authenticator(provider, settings, name))

    assert told.value.status_code == expected


@pytest.mark.parametrize("answer", [{**GOOGLE, "hd": "other.kr"}, {k: v for k, v in GOOGLE.items() if k != "hd"}])
def test_only_accounts_of_the_workspace_domain_come_in(tmp_path, answer: Any) -> None:
    """The domain is the claim `hd`; an address that ends in it may be anybody's."""
    settings = academy(tmp_path, ("hana", f"google-{GOOGLE['sub']}"))
    with serving(answer) as provider, pytest.raises(HTTPError) as told:
        come(authenticator(provider, settings, "google", hosted_domain="school.kr"))

    assert "school.kr의 구글 계정으로만" in told.value.jupyterhub_html_message


def test_the_domains_own_people_come_in(tmp_path) -> None:
    settings = academy(tmp_path, ("hana", f"google-{GOOGLE['sub']}"))
    with serving(GOOGLE) as provider:
        assert come(authenticator(provider, settings, "google", hosted_domain="School.kr"))


def test_every_provider_of_the_settings_has_a_preset_and_a_button() -> None:
    assert set(PRESETS) == set(BUTTONS) == set(get_args(Provider_)) - {"roster"}


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_asks_for_little_and_leaves_the_choice_to_the_roster(name: str) -> None:
    values = providers.traits(Login(provider=name, client_id="x"), secret="y", callback=REDIRECT)

    assert values["enable_pkce"] is True
    assert values["enable_auth_state"] is False
    assert set(values["scope"]) <= {"openid", "email", "profile"}
    assert not {"allow_all", "allow_existing_users", "allowed_users"} & set(values)
    assert all(value.startswith("https://") for key, value in values.items() if key.endswith("_url"))
    assert set(values) <= set(PRESETS[name].authenticator.class_traits(config=True))


@pytest.mark.parametrize(
    ("info", "claim", "cohorts"),
    [
        ({"groups": ["one", "formgrade-x", "three"]}, "groups", ["one"]),
        ({"realm_access": {"roles": ["two", "one"]}}, "realm_access.roles", ["one", "two"]),
        ({"groups": "two"}, "groups", ["two"]),
        ({"groups": {"one": 1}}, "groups", []),
        ({"groups": None}, "groups", []),
        ({}, "a.b.c", []),
        ({"groups": [["one"], 1, None]}, "groups", []),
    ],
)
def test_claims_name_cohorts_and_nothing_else(info: Any, claim: str, cohorts: list[str]) -> None:
    assert claimed(info, claim, ["one", "two"]) == cohorts


GOOD = {
    "issuer": "https://id.example.kr/realm",
    "authorization_endpoint": "https://id.example.kr/a",
    "token_endpoint": "https://id.example.kr/t",
    "userinfo_endpoint": "https://id.example.kr/u",
}


def test_a_providers_description_gives_three_addresses() -> None:
    assert endpoints(GOOD, "https://id.example.kr/realm/") == (
        "https://id.example.kr/a",
        "https://id.example.kr/t",
        "https://id.example.kr/u",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {**GOOD, "issuer": "https://evil.example"},
        {**GOOD, "token_endpoint": "http://id.example.kr/t"},
        {**GOOD, "userinfo_endpoint": ""},
        [],
        "x",
    ],
)
def test_a_description_of_another_or_without_https_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"it says|its addresses"):
        endpoints(wrong, "https://id.example.kr/realm")
