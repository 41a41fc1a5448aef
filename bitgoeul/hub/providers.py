"""The providers: oauthenticator's classes with the settings of each, behind the one gate.

A person is who the provider's lasting number says (`sub`, `id`), never an e-mail address: addresses are given to
somebody else one day. Nothing that a provider says of a person is kept, but by `groups_claim` (below).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.github import GitHubOAuthenticator
from oauthenticator.google import GoogleOAuthenticator
from oauthenticator.oauth2 import OAuthCallbackHandler, OAuthenticator, OAuthLoginHandler
from tornado.httpclient import HTTPClientError
from tornado.web import HTTPError
from traitlets import Callable as CallableTrait
from traitlets import Unicode

from bitgoeul.errors import Text, shorten
from bitgoeul.hub.login import RosterGate, Told
from bitgoeul.names import CohortName
from bitgoeul.people.rules import Roll, require_entry, user_name
from bitgoeul.providers import Login
from bitgoeul.settings import Bilingual, Person

UserInfo = Mapping[str, Any]


class _Callback(OAuthCallbackHandler):  # type: ignore[misc]
    def check_arguments(self) -> None:
        """Say what upstream says in English only: the person went back, waited too long, or came by a link."""
        try:
            super().check_arguments()
        except HTTPError as error:
            self.log.warning("a sign-in came back unusable: %s", error)
            raise Told(400, _AGAIN) from error


class ProviderGate(RosterGate, OAuthenticator):  # type: ignore[misc]  # oauthenticator ships no types
    """What all providers have in common: an account of the provider becomes a person of the roster."""

    prefix = Unicode("", help="What the accounts begin with.").tag(config=True)
    number = CallableTrait(help="Takes the provider's answer; gives its lasting number of the person.").tag(config=True)
    callback_handler = _Callback
    groups_claim = Unicode("", help="The claim that names cohorts; dots go deeper.").tag(config=True)

    async def authenticate(self, handler: Any, data: Any = None, **more: Any) -> dict[str, Any]:
        """Trade the code for who it is; what goes wrong there is told in both languages."""
        try:
            found: dict[str, Any] = await super().authenticate(handler, data, **more)
        except (HTTPClientError, OSError) as error:
            self.log.warning("the provider refused or did not answer: %s", error)
            ours = isinstance(error, HTTPClientError) and 400 <= error.code < 500
            raise Told(403, _AGAIN) if ours else Told(502, _NO_PROVIDER) from error
        return found

    def account(self, user_info: UserInfo) -> str:
        """Name the account, such as `kakao-3141592653`; raise 502 if the provider's answer holds no number."""
        try:
            number = self.number(user_info)
        except (KeyError, TypeError, AttributeError):
            number = None
        if not isinstance(number, str | int) or isinstance(number, bool) or not str(number).strip():
            self.log.error("the provider's answer holds no number of the person; its keys: %s", sorted(user_info))
            raise Told(502, _NO_NUMBER)
        return f"{self.prefix}-{number}"

    def user_info_to_username(self, user_info: UserInfo) -> str:
        """Give the roster's name for this account, and the account's own where the roster has none."""
        account = self.account(user_info)
        return self.directory.recent().owner(account) or user_name(account)

    async def update_auth_model(self, auth_model: dict[str, Any]) -> dict[str, Any]:
        """Keep the claimed cohorts, which may make the person known."""
        info = auth_model["auth_state"][self.user_auth_state_key]
        if self.groups_claim:
            await asyncio.to_thread(self._claim, info)
        await asyncio.to_thread(self.directory.read)
        auth_model["name"] = self.normalize_username(self.user_info_to_username(info))
        return auth_model

    def _claim(self, info: UserInfo) -> None:
        roll = self.directory.read()
        account = self.account(info)
        owner = roll.owner(account)
        user = owner or user_name(account)
        cohorts = claimed(info, self.groups_claim, roll.settings.cohorts)
        before = {e.cohort for e in roll.enrolments if e.user == owner and e.source == "claims"}
        same = owner is not None and before == set(cohorts)
        if same or (owner is None and (not cohorts or roll.settings.person(user))):
            return
        name = next((str(info[key]) for key in ("name", "nickname", "preferred_username") if info.get(key)), user)
        language = roll.settings.academy.language
        person = Person(user=user, name=Bilingual(ko=name, en=name), role="student", language=language, account=account)
        self.directory.claim(person, cohorts, known=owner is not None)

    def require(self, roll: Roll, username: str, authentication: dict[str, Any] | None) -> None:
        """Raise with the account in the page: a stranger gives it to the operator, who puts it into the roster."""
        account = self.account((authentication or {})["auth_state"][self.user_auth_state_key])
        if roll.owner(account) != username:
            self.log.warning("%s is not in the roster", account)
            raise Told(403, _STRANGER.format(account=account))
        require_entry(roll, username)

    async def refresh_user(self, user: Any, handler: Any = None, **more: Any) -> bool | dict[str, Any]:
        """Ask the provider for the claims of now, if they decide anything; the roster is asked in any case."""
        found: bool | dict[str, Any] = True
        if self.groups_claim:
            try:
                found = await OAuthenticator.refresh_user(self, user, handler, **more)
            except (HTTPClientError, HTTPError, OSError) as error:  # an outage there throws nobody out here
                self.log.warning("the provider does not answer (%s); what it said last goes on", error)
            if not found:
                return False
        here = await RosterGate.refresh_user(self, user, handler)
        if here and isinstance(found, dict):
            return {**found, "admin": here["admin"] if isinstance(here, dict) else None}
        return here


_AGAIN = Text(
    "로그인을 마치지 못했습니다. 처음부터 다시 해 보십시오.",
    "The sign-in did not come to its end. Please start it again.",
)
_NO_PROVIDER = Text(
    "로그인 서비스가 지금 응답하지 않습니다. 잠시 뒤에 다시 해 보십시오.",
    "The sign-in service does not answer just now. Try again shortly.",
)
_NO_NUMBER = Text(
    "로그인 서비스의 답에 사용자 번호가 없습니다. 운영자에게 알리십시오.",
    "The sign-in service did not say who you are. Tell the operator.",
)
_STRANGER = Text(
    "이 학교의 명단에 있는 사람만 들어올 수 있는데, 이 계정은 명단에 없습니다. 운영자에게 이 번호를 알려 주십시오: {account}",
    "Only people of this academy's roster come in, and this account is not in it. Give the operator this number: {account}",
)
_WRONG_DOMAIN = Text(
    "{domain}의 구글 계정으로만 들어올 수 있습니다. 로그아웃하고 학교 계정으로 다시 로그인하십시오.",
    "Only Google accounts of {domain} come in. Sign out there and choose your school's account.",
)


def claimed(info: UserInfo, claim: str, cohorts: Iterable[str]) -> list[CohortName]:
    """Name the academy's cohorts among the claim's words. A claim makes students, and no group but a cohort's."""
    found: Any = info
    for part in claim.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    words = [found] if isinstance(found, str) else found if isinstance(found, list | tuple) else []
    return [CohortName(name) for name in cohorts if name in words]


class GitHub(ProviderGate, GitHubOAuthenticator):  # type: ignore[misc]
    """GitHub's `id`; logins are renamed and given to others. No scope: who one is is public there."""


class Google(ProviderGate, GoogleOAuthenticator):  # type: ignore[misc]
    """Google's `sub`, and by `hd` the accounts of one Workspace domain only."""

    def check_blocked_users(self, username: str, authentication: dict[str, Any]) -> bool:
        """Tell the reason where upstream would only say no."""
        if not super().check_blocked_users(username, authentication):
            raise Told(403, _WRONG_DOMAIN.format(domain=", ".join(self.hosted_domain)))
        return True


def endpoints(description: Any, issuer: str) -> tuple[str, ...]:
    """Take the three addresses out of a provider's description; raise `ValueError` if it is another's or unsafe."""
    found = description if isinstance(description, Mapping) else {}
    if str(found.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise ValueError(f"it says that it is {shorten(found.get('issuer'))}")
    wanted = tuple(str(found.get(f"{name}_endpoint", "")) for name in ("authorization", "token", "userinfo"))
    schemes = {"https"} if issuer.startswith("https:") else {"https", "http"}
    if not {urlsplit(url).scheme for url in wanted} <= schemes:
        raise ValueError(f"its addresses are {shorten(wanted)}")
    return wanted


class _DiscoveringLogin(OAuthLoginHandler):  # type: ignore[misc]
    async def get(self) -> None:
        """Learn the provider's addresses first."""
        await self.authenticator.discover()
        super().get()


class Oidc(ProviderGate, GenericOAuthenticator):  # type: ignore[misc]
    """Any OpenID provider, by the address of its issuer. Its own page says where the rest is."""

    issuer = Unicode("", help="The provider's address.").tag(config=True)
    login_handler = _DiscoveringLogin
    discovered = False

    async def discover(self) -> None:
        """Read the provider's description, once; raise 502 if it is not what the issuer should say."""
        if self.discovered:
            return
        address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            told_there = await self.httpfetch(address, "the provider's description", method="GET")
            found = endpoints(told_there, self.issuer)
        except (HTTPClientError, HTTPError, OSError, ValueError) as error:
            self.log.warning("%s does not describe the provider: %s", address, error)
            raise Told(502, _NO_PROVIDER) from error
        self.authorize_url, self.token_url, self.userdata_url = found
        self.discovered = True

    async def get_token_info(self, handler: Any, params: dict[str, Any]) -> dict[str, Any]:
        """Learn the addresses after a restart of the Hub in the middle of somebody's sign-in."""
        await self.discover()
        found: dict[str, Any] = await super().get_token_info(handler, params)
        return found

    async def token_to_user(self, token_info: dict[str, Any]) -> dict[str, Any]:
        """Learn the addresses after a restart, when a session is refreshed."""
        await self.discover()
        found: dict[str, Any] = await super().token_to_user(token_info)
        return found


class Kakao(ProviderGate, GenericOAuthenticator):  # type: ignore[misc]
    """Kakao Login, with OpenID or plain: both give the same number."""


class Naver(ProviderGate, GenericOAuthenticator):  # type: ignore[misc]
    """Naver Login: not OpenID. It wants `state` with the token too, and says its errors with status 200."""

    def build_access_tokens_request_params(self, handler: Any, data: Any = None) -> dict[str, Any]:
        """Add the state that came back."""
        return {**super().build_access_tokens_request_params(handler, data), "state": handler.get_argument("state")}

    async def token_to_user(self, token_info: dict[str, Any]) -> dict[str, Any]:
        """Refuse an answer that says it is an error."""
        found: dict[str, Any] = await super().token_to_user(token_info)
        if found.get("resultcode") != "00":
            self.log.error("Naver answered %s", shorten(found.get("message")))
            raise Told(502, _NO_PROVIDER)
        return found


@dataclass(frozen=True)
class Preset:
    """One provider: its class, where it says who somebody is, and what is set on it."""

    authenticator: type[ProviderGate]
    number: Callable[[UserInfo], Any]
    traits: dict[str, Any] = field(default_factory=dict)


_KAKAO = {
    "authorize_url": "https://kauth.kakao.com/oauth/authorize",
    "token_url": "https://kauth.kakao.com/oauth/token",
}
PRESETS: dict[str, Preset] = {
    "github": Preset(GitHub, lambda info: info["id"], {"scope": []}),
    "google": Preset(
        Google,
        lambda info: info["sub"],
        {
            "scope": ["openid", "email"],
            "token_url": "https://oauth2.googleapis.com/token",
            "userdata_url": "https://openidconnect.googleapis.com/v1/userinfo",
        },
    ),
    "oidc": Preset(
        Oidc,
        lambda info: info["sub"],
        {"scope": ["openid", "profile"]},
    ),
    "kakao": Preset(
        Kakao,
        lambda info: info["sub"],
        {**_KAKAO, "userdata_url": "https://kapi.kakao.com/v1/oidc/userinfo", "scope": ["openid"]},
    ),
    "kakao-plain": Preset(
        Kakao,
        lambda info: info["id"],
        {**_KAKAO, "userdata_url": "https://kapi.kakao.com/v2/user/me", "scope": []},
    ),
    "naver": Preset(
        Naver,
        lambda info: info["response"]["id"],
        {
            "authorize_url": "https://nid.naver.com/oauth2.0/authorize",
            "token_url": "https://nid.naver.com/oauth2.0/token",
            "userdata_url": "https://openapi.naver.com/v1/nid/me",
            "scope": [],
        },
    ),
}


def traits(login: Login, *, secret: str, callback: str) -> dict[str, Any]:
    """Give everything that is set on the provider's class: the preset, then what the academy says."""
    preset = PRESETS[login.provider]
    found = {
        **preset.traits,
        "prefix": login.prefix,
        "number": preset.number,
        "client_id": login.client_id,
        "client_secret": secret,
        "oauth_callback_url": callback,
        "enable_pkce": True,
        "groups_claim": login.groups_claim,
        "enable_auth_state": bool(login.groups_claim),  # only then a provider's token is needed after the sign-in
    }
    found["scope"] = [*found["scope"], *login.scopes]
    if login.provider == "oidc":
        found["issuer"] = login.issuer
    if login.hosted_domain:
        found |= {"hosted_domain": [login.hosted_domain.lower()], "extra_authorize_params": {"hd": login.hosted_domain}}
    return found
