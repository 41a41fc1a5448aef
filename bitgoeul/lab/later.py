"""nbgrader's server side, loaded when somebody first asks for it.

nbgrader, nbconvert and SQLAlchemy are a quarter of the CPU seconds in which a lab starts, and a class of
labs starts all at once, while most of them open a notebook long before the assignment panel. So one route
stands for all of theirs; the first request loads them and is sent again to the same address.
"""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

EXTENSIONS = ("bitgoeul.lab.panel", "nbgrader.server_extensions.validate_assignment", "bitgoeul.lab.opening")
"""In this order: opening uses the panel's manager."""

ROUTES = r"(?:assignments|courses|nbgrader_version|bitgoeul/open)(?:/.*)?"


class Later:
    """What waits, and the one route that stands for it."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = asyncio.Lock()
        rules = app.web_app.default_router.rules
        before = list(rules)
        app.web_app.add_handlers(".*$", [(url_path_join(app.web_app.settings["base_url"], ROUTES), FirstRequest)])
        self._stand_in = next(rule for rule in rules if rule not in before)
        app.web_app.settings["bitgoeul_later"] = self

    async def load(self) -> None:
        """Load everything once; the imports in a thread, so that kernels are heard meanwhile."""
        async with self._lock:
            rules = self._app.web_app.default_router.rules
            if self._stand_in not in rules:
                return
            modules = [await asyncio.to_thread(importlib.import_module, name) for name in EXTENSIONS]
            for module in modules:
                load = getattr(module, "_load_jupyter_server_extension", None) or module.load_jupyter_server_extension
                load(self._app)
            rules.remove(self._stand_in)


class FirstRequest(JupyterHandler):
    """Loads what the request is for, then sends it again: method and body stay."""

    @web.authenticated
    async def get(self) -> None:
        """Answer 307 to the same address."""
        await self._again()

    @web.authenticated
    async def post(self) -> None:
        """Answer as `get`."""
        await self._again()

    async def _again(self) -> None:
        await self.settings["bitgoeul_later"].load()
        self.redirect(self.request.uri or self.base_url, status=307)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "bitgoeul.lab.later"}]


def _load_jupyter_server_extension(app: Any) -> None:
    Later(app)
