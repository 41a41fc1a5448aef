"""Before the bell: the labs of a class are started before its lesson, so that thirty clicks at once find them running.

When, `policy.bell_of` decides. A start goes by the Hub's own interface, with a token of a service that may start servers
and do nothing else, so that it is the same start as a person's click: the gate admits it, and what may not start does not.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
from datetime import datetime, timedelta
from typing import Any, Protocol, Self

from jupyterhub import orm
from sqlalchemy.exc import SQLAlchemyError
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from traitlets.config import Config

from bitgoeul.errors import BitgoeulError
from bitgoeul.gpus.model import Book
from bitgoeul.hub import policy
from bitgoeul.names import CohortName, cohort_group
from bitgoeul.profiles import LATE
from bitgoeul.settings import Settings

_log = logging.getLogger(__name__)
NAME = "bell"
LOOK_SECONDS = 15.0
_STEP_SECONDS = 0.2
_AT_ONCE = max(2, os.cpu_count() or 1)
"""So many start at one time: more would only make each of them slower, and people who click meanwhile wait for it."""


class Calendar(Protocol):
    """What the bell asks of the gate."""

    def now(self) -> datetime:
        """The present in the academy's zone."""

    async def book(self) -> Book | None:
        """The leases and reservations; None where there are none."""


class Bell:
    """One for the Hub. It remembers whom it has started: who stops his lab before the lesson is left alone."""

    def __init__(self, settings: Settings, calendar: Calendar) -> None:
        self.settings = settings
        self.calendar = calendar
        self.token = secrets.token_hex(32)
        self._ahead = timedelta(minutes=settings.hub.bell_minutes)
        self._done: set[tuple[str, datetime, str]] = set()
        self._task: asyncio.Task[None] | None = None

    def __deepcopy__(self, _memo: object) -> Self:
        """Stay the one that it is: traitlets copies what the Hub is configured with, and its methods' owners too."""
        return self

    @property
    def rings(self) -> bool:
        """Whether any lesson can come."""
        lessons = any(cohort.lessons for cohort in self.settings.cohorts.values())
        return bool(self._ahead) and (lessons or self.settings.gpus.managed)

    def configure(self, c: Config) -> None:
        """Give the Hub's interface a caller that may start servers; nothing listens for it and nothing runs as it."""
        c.JupyterHub.services.append({"name": NAME, "api_token": self.token, "display": False})
        c.JupyterHub.load_roles.append(
            {
                "name": "bitgoeul-bell",
                "description": "Starts labs before a lesson, and does nothing else",
                "services": [NAME],
                "scopes": ["start:servers"],
            }
        )

    def begin(self, app: Any) -> None:
        """Watch the clock from the Hub's start on. `app`: JupyterHub."""
        if self.rings:
            self._task = asyncio.get_running_loop().create_task(self._watch(app))

    async def _watch(self, app: Any) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look(app)
            except (BitgoeulError, SQLAlchemyError) as error:
                _log.warning("which lessons begin cannot be read: %s", str(error).splitlines()[0])
            except Exception:  # noqa: BLE001 (one failed look may not end the watch)
                _log.exception("labs could not be started before the bell; it is tried again")

    async def look(self, app: Any) -> None:
        """Start what is due, a few at a time; return when all of it runs or has failed."""
        due = await self.due()
        self._done = {one for one in self._done if self.calendar.now() < one[1] + LATE}
        places = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(
            *(
                self._start(app, places, cohort, lesson, user)
                for cohort, lesson in due
                for user in _members(app.db, cohort)
                if (cohort, lesson, user) not in self._done
            )
        )

    async def due(self) -> list[tuple[CohortName, datetime]]:
        """Name the cohorts whose lesson begins soon, and when."""
        now, book = self.calendar.now(), await self.calendar.book()
        found = (
            (name, policy.bell_of(name, cohort, now, self._ahead, book))
            for name, cohort in self.settings.cohorts.items()
        )
        return [(name, lesson) for name, lesson in found if lesson is not None]

    async def _start(self, app: Any, places: asyncio.Semaphore, cohort: str, lesson: datetime, user: str) -> None:
        async with places:
            if _active(app, user):
                self._done.add((cohort, lesson, user))
                return
            status, said = await self._ask(app, cohort, user)
            if status in (201, 202):
                self._done.add((cohort, lesson, user))
                while _pending(app, user):  # noqa: ASYNC110  JupyterHub tells nobody when a start has ended
                    await asyncio.sleep(_STEP_SECONDS)
            else:  # no GPU yet, say: asked again until the lesson has begun
                _log.info("the lab of %s cannot be started before the lesson: %s %s", user, status, said[:200])

    async def _ask(self, app: Any, cohort: str, user: str) -> tuple[int, str]:
        request = HTTPRequest(
            f"{app.hub.api_url.rstrip('/')}/users/{user}/server",
            method="POST",
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
            body=json.dumps({"display_name": "", "user_options": {"cohort": cohort}}),
            request_timeout=60,
        )
        answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        return answer.code, answer.body.decode("utf-8", "replace") if answer.body else str(answer.error)


def _members(db: Any, cohort: CohortName) -> list[str]:
    group = orm.Group.find(db, cohort_group(cohort))
    return sorted(user.name for user in group.users) if group else []


def _active(app: Any, user: str) -> bool:
    found = app.users.get(user)
    return bool(found is not None and found.spawners[""].active)


def _pending(app: Any, user: str) -> bool:
    found = app.users.get(user)
    return bool(found is not None and found.spawners[""].pending)
