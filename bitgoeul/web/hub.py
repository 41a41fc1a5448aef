"""What we ask of JupyterHub: who holds a token, who is in a group, a token for an OAuth code.

The Hub is the one source of identity. Its answers are told apart: a token it does not know is the
caller's matter (401), a refusal of *our* token is the operator's (500), and no answer or a failing one
means that nobody can be known at the moment (503).
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from bitgoeul.errors import HubUnavailable, ServiceRefused
from bitgoeul.web.link import HubLink

CACHE_SECONDS = 60.0
_UNKNOWN_SECONDS = 5.0
_MEMBERS_SECONDS = 10.0
_MOST_CACHED = 20_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class HubUser:
    """The Hub's word on who holds a token. `kind` is the Hub's: `"user"` or `"service"`."""

    name: str
    kind: str
    groups: frozenset[str]
    scopes: frozenset[str]
    admin: bool


class HubClient:
    """Asks the Hub over pooled connections. What a token means is remembered for at most a minute."""

    def __init__(
        self,
        api_url: str,
        token: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ours = {"Authorization": f"token {token}"}
        self._token = token
        self._clock = clock
        self._known: dict[str, tuple[float, HubUser | None]] = {}
        self._members: dict[str, tuple[float, list[str]]] = {}
        self._http = httpx.AsyncClient(
            base_url=api_url.rstrip("/") + "/",
            timeout=httpx.Timeout(20.0, connect=5.0, pool=20.0),
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
            transport=transport,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._http.aclose()

    async def user_of(self, token: str, *, session: str = "") -> HubUser | None:
        """Who holds this token; None when the Hub does not know it.

        `session` is the Hub's session id of a browser: it changes when a person signs out there, which
        revokes the token, so an answer from before is not taken.
        """
        key = hashlib.sha256(f"{session}\n{token}".encode("utf-8", "surrogateescape")).hexdigest()
        until, user = self._known.get(key, (0.0, None))
        now = self._clock()
        if until > now:
            return user
        user = await self._ask(token)
        self._remember(key, user, now)
        return user

    async def members(self, group: str) -> list[str]:
        """The names of a group's users; a group that does not exist has none. May be ten seconds old."""
        until, members = self._members.get(group, (0.0, []))
        now = self._clock()
        if until <= now:
            answer = await self._send("GET", f"groups/{quote(group, safe='')}", headers=self._ours)
            if answer.status_code != 404:
                self._accept_ours(answer)
            members = [] if answer.status_code == 404 else sorted(answer.json()["users"])
            self._members[group] = (now + _MEMBERS_SECONDS, members)
        return members

    async def token_for_code(self, link: HubLink, *, code: str, verifier: str) -> str | None:
        """Exchange an OAuth code; None when the code is spent, stale or not ours."""
        form = {
            "client_id": link.client_id,
            "client_secret": self._token,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": link.callback,
            "code_verifier": verifier,
        }
        answer = await self._send("POST", "oauth2/token", data=form)
        if answer.status_code == 400:
            return None
        self._accept_ours(answer)
        return str(answer.json()["access_token"])

    async def _ask(self, token: str) -> HubUser | None:
        if not token.isascii() or not token.isprintable():
            return None  # the Hub makes no such token, and a header may not carry it
        answer = await self._send("GET", "user", headers={"Authorization": f"token {token}"})
        if answer.status_code in (401, 403, 404):
            return None
        self._accept_ours(answer)
        model = answer.json()
        return HubUser(
            name=str(model["name"]),
            kind=str(model.get("kind", "")),
            groups=frozenset(model.get("groups", ())),
            scopes=frozenset(model.get("scopes", ())),
            admin=model.get("admin") is True,
        )

    def _remember(self, key: str, user: HubUser | None, now: float) -> None:
        if len(self._known) >= _MOST_CACHED:
            self._known = {k: entry for k, entry in self._known.items() if entry[0] > now}
        if len(self._known) >= _MOST_CACHED:
            self._known.clear()
        self._known[key] = (now + (CACHE_SECONDS if user else _UNKNOWN_SECONDS), user)

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            _log.warning("the Hub does not answer %s %s: %r", method, path, error)
            raise _unavailable() from None
        if answer.status_code >= 500:
            _log.warning("the Hub answers %s %s with %s", method, path, answer.status_code)
            raise _unavailable()
        return answer

    @staticmethod
    def _accept_ours(answer: httpx.Response) -> None:
        if answer.status_code != 200:
            _log.error("the Hub refuses this service: %s %s", answer.status_code, answer.request.url.path)
            raise ServiceRefused(
                ko="허브가 이 서비스의 요청을 거절했습니다. 운영자에게 서비스의 토큰과 권한을 확인해 달라고 하세요.",
                en="The Hub refuses this service. Ask the operator to check the service's token and roles.",
            )


def _unavailable() -> HubUnavailable:
    return HubUnavailable(
        ko="허브가 응답하지 않아 누구신지 확인할 수 없습니다. 잠시 뒤에 다시 시도하세요.",
        en="The Hub does not answer, so we cannot know who you are. Try again in a moment.",
    )
