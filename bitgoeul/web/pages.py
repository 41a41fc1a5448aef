"""Pages for people: Jinja templates in Korean and English, one style sheet, one small script.

A template writes both languages beside each other, `{{ _("과제", "Assignments") }}`, so no catalogue can
fall behind. Undefined names are errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bitgoeul.errors import Text
from bitgoeul.settings import Language
from bitgoeul.web.auth import Caller
from bitgoeul.web.headers import SecurityHeaders
from bitgoeul.web.language import COOKIE, choose
from bitgoeul.web.link import HubLink

HERE = Path(__file__).parent
STATIC = HERE / "static"
_YEAR = 365 * 24 * 3600


class Pages:
    """All that every page needs. `folders` hold the features' templates, searched before our own."""

    def __init__(
        self, link: HubLink, *, name: Text, zone: ZoneInfo, default: Language = "ko", folders: Sequence[Path] = ()
    ) -> None:
        self.link = link
        self.name = name
        self.zone = zone
        self.default = default
        self.jinja = Environment(
            loader=FileSystemLoader([*folders, HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )


def install(app: FastAPI, pages: Pages) -> None:
    """Keep `pages` on the app, serve the static files, and put security headers on every answer."""
    app.state.pages = pages
    app.mount(f"{pages.link.prefix}static", _Static(directory=STATIC), name="static")
    app.add_middleware(SecurityHeaders, hub_host=pages.link.host)


class _Static(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        """Let browsers keep a file whose address holds its hash."""
        answer = await super().get_response(path, scope)
        hashed = scope["query_string"].startswith(b"v=")
        answer.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if hashed else "no-cache"
        return answer


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def language(request: Request) -> Language:
    """The language to speak: `?lang=`, then our cookie, then the browser's wish, then the academy's."""
    pages: Pages = request.app.state.pages
    asked, cookie = request.query_params.get("lang"), request.cookies.get(COOKIE)
    return choose(asked, cookie, request.headers.get("accept-language", ""), pages.default)


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """Answer with a page. Every template also gets what `_frame` gives."""
    pages: Pages = request.app.state.pages
    tongue = language(request)
    page = pages.jinja.get_template(template).render({**_frame(request, pages, tongue), **context})
    answer = HTMLResponse(
        page, status_code=status, headers={"Content-Language": tongue, "Vary": "Accept-Language, Cookie"}
    )
    if request.query_params.get("lang") in ("ko", "en"):
        answer.set_cookie(COOKIE, tongue, path=pages.link.base_url, samesite="lax", max_age=_YEAR)
    return answer


def _frame(request: Request, pages: Pages, tongue: Language) -> dict[str, Any]:
    caller: Caller | None = getattr(request.state, "caller", None)

    def both(ko: str, en: str) -> str:
        return ko if tongue == "ko" else en

    return {
        "_": both,
        "language": tongue,
        "other_language_url": _in_other_language(request, tongue),
        "academy": pages.name.pick(tongue),
        "prefix": pages.link.prefix,
        "hub_url": pages.link.browser_url,
        "url": lambda *parts: pages.link.prefix + "/".join(quote(str(part), safe="@") for part in parts),
        "static": lambda name: f"{pages.link.prefix}static/{name}?v={_fingerprint(name)}",
        "caller": caller,
        "csrf_token": lambda: caller.csrf if caller else "",
        "path": request.url.path,
        "now": datetime.now(UTC).astimezone(pages.zone),
    }


def _in_other_language(request: Request, tongue: Language) -> str:
    if request.method != "GET":
        return f"{request.app.state.pages.link.prefix}?lang={'en' if tongue == 'ko' else 'ko'}"
    url = request.url.include_query_params(lang="en" if tongue == "ko" else "ko")
    return f"{url.path}?{url.query}"
