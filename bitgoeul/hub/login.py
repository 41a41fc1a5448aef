"""Signing in by choosing a person of the roster: for trying the academy out on one's own machine.

There is no password, because there is nothing it could protect: every lab is a process of the one
person who started the academy. The settings therefore refuse to listen anywhere but on loopback.
"""

from __future__ import annotations

from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Tuple

from bitgoeul.settings import Person


class RosterAuthenticator(Authenticator):  # type: ignore[misc]  # JupyterHub ships no types
    """Lets in whom the roster names, and nobody else."""

    roster = Tuple(help="The people of academy.toml.").tag(config=True)

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """Give the chosen user's name, or None for anybody who is not in the roster."""
        return self._known(data.get("username", ""))

    async def refresh_user(self, user: Any, handler: Any = None) -> bool:
        """Sign out whoever has left the roster since he signed in."""
        return self._known(user.name) is not None

    def _known(self, name: str) -> str | None:
        people: tuple[Person, ...] = self.roster
        return next((str(person.user) for person in people if person.user == name), None)
