"""Who comes in: people of the roster, at their time, not faster than the throttle lets them try.

`RosterGate` is what every way to sign in has in common; how a person proves who he is comes beside it (`providers`). The way
for one's own machine is to choose a person of the roster. There is no password, because there is nothing it could
protect: every lab is a process of the one person who started the academy. The settings therefore refuse to listen
anywhere but on loopback.
"""

from __future__ import annotations

import asyncio
import math
from html import escape
from typing import Any

from jupyterhub.auth import Authenticator
from tornado.httpclient import HTTPClientError
from tornado.web import HTTPError
from traitlets import Instance, List

from bitgoeul.errors import BitgoeulError, NotAllowed, Text
from bitgoeul.hub import groups
from bitgoeul.hub.throttle import Throttle
from bitgoeul.people.directory import Directory
from bitgoeul.people.roster import operators
from bitgoeul.people.rules import ours, require_entry

WAIT = Text(
    "로그인을 너무 여러 번 시도했습니다. {seconds}초 뒤에 다시 해 보십시오.",
    "There were too many attempts to sign in. Try again in {seconds} seconds.",
)


class Told(HTTPError):
    """A sentence as the Hub's error; its page shows the reader's language (templates/hub.css)."""

    def __init__(self, status: int, text: Text, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, text.en)
        spans = (f'<span class="either" lang="{lang}">{escape(text.pick(lang))}</span>' for lang in ("ko", "en"))
        self.jupyterhub_message = f"{text.ko} / {text.en}"
        self.jupyterhub_html_message = "".join(spans)
        self.headers = headers or {}


class RosterGate(Authenticator):  # type: ignore[misc]  # JupyterHub ships no types
    """Lets in whom the roster names while his enrolment is in force, and keeps his groups right."""

    directory = Instance(Directory, help="The academy's people.").tag(config=True)
    begins: Any = List(help="Called with the Hub when it begins: what it does by itself, besides keeping groups.").tag(
        config=True
    )
    throttle = Instance(Throttle, args=(), help="Attempts to sign in.")

    async def get_authenticated_user(self, handler: Any, data: dict[str, str] | None) -> dict[str, Any] | None:
        """Slow down who tries too often, then ask upstream. Its advice not to override this is about the order inside."""
        key = ((data or {}).get("username", "").strip().lower()[:64], str(handler.request.remote_ip or ""))
        if wait := math.ceil(self.throttle.wait(key)):
            self.log.warning("too many attempts to sign in from %s: %s s to wait", key[1], wait)
            raise Told(429, WAIT.format(seconds=wait), {"Retry-After": str(wait)})
        self.throttle.began(key)
        try:
            found: dict[str, Any] | None = await super().get_authenticated_user(handler, data)
        except (HTTPError, HTTPClientError, OSError, BitgoeulError) as error:
            if _not_theirs(error):
                self.throttle.forgive(key)
            if isinstance(error, BitgoeulError):
                raise Told(error.status, error.text) from error
            raise
        if found is not None:
            self.throttle.succeeded(key)
        return found

    async def check_allowed(self, username: str, authentication: dict[str, Any] | None) -> bool:
        """Let in whom the roster lets in now; raise the reason otherwise. Whether he is an operator is settled here too."""
        roll = await asyncio.to_thread(self.directory.read)
        self.require(roll, username, authentication)
        if authentication is not None:
            authentication["admin"] = username in operators(roll.settings)
        return True

    def require(self, roll: Any, username: str, _authentication: dict[str, Any] | None) -> None:
        """Raise the reason why this person may not come in."""
        require_entry(roll, username)

    async def run_post_auth_hook(self, handler: Any, auth_model: dict[str, Any]) -> dict[str, Any]:
        """Bring the person's groups up to date before his first page, as the roster has them now."""
        found: dict[str, Any] = await super().run_post_auth_hook(handler, auth_model)
        groups.of_one(handler.db, self.directory, found["name"])
        return found

    async def refresh_user(self, user: Any, handler: Any = None, **_: Any) -> bool | dict[str, Any]:
        """At every spawn, and once a minute while he works: sign out who may not be here, and correct groups and rights."""
        roll = await asyncio.to_thread(self.directory.read)
        try:
            require_entry(roll, user.name)
        except NotAllowed as refusal:
            self.log.info("%s is signed out: %s", user.name, refusal.text.en)
            if handler is not None and "/spawn" in handler.request.path:  # there the Hub would only say "expired"
                raise Told(403, refusal.text) from refusal
            return False
        kept = {group.name for group in user.groups if not ours(group.name)}
        user.sync_groups(roll.groups(user.name) | kept)
        operator = user.name in operators(roll.settings)
        return True if user.admin == operator else {"name": user.name, "admin": operator}

    def get_handlers(self, app: Any) -> list[Any]:
        """Begin to keep all groups right: this is where the Hub hands itself to its authenticator, once."""
        groups.keep(app, self.directory)
        for begin in self.begins:
            begin(app)
        found: list[Any] = super().get_handlers(app)
        return found


def _not_theirs(error: Exception) -> bool:
    """Whether an attempt failed because something of ours or the provider's did not answer."""
    status = getattr(error, "status_code", None) or getattr(error, "code", None) or getattr(error, "status", 500)
    return not (isinstance(status, int) and 400 <= status < 500)


class RosterAuthenticator(RosterGate):
    """Lets people choose who they are: for one's own machine."""

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """Give the chosen user's name, or None for anybody who is not in the roster."""
        name = data.get("username", "")
        roll = await asyncio.to_thread(self.directory.read)
        return next((str(person.user) for person in roll.settings.people if person.user == name), None)
