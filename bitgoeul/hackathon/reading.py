"""Reading a board over HTTP: the one address that thousands ask every second, answered without a framework's detours.

An ASGI endpoint beside the routes: it knows the caller as they do, takes the bytes that were made once a change, and
leaves the event loop only when somebody has to look at the database again.
"""

from __future__ import annotations

import anyio
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bitgoeul.errors import InputError, shorten
from bitgoeul.hackathon.boards import Board, Boards
from bitgoeul.hackathon.model import ChallengeName
from bitgoeul.web.auth import identify

_BOOL = TypeAdapter(bool)
_threads = anyio.CapacityLimiter(2)
"""One makes a board, and the others wait for the same one: more threads would only wait beside it."""


class BoardReads:
    """`GET .../challenges/{slug}/board[?private=true]`: the top of a board; 304 when the reader has it."""

    def __init__(self, boards: Boards) -> None:
        self._boards = boards

    def route(self, prefix: str) -> Route:
        """The route at the service's prefix."""
        return Route(f"{prefix}/api/challenges/{{slug}}/board", self, methods=["GET"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises what the other routes raise."""
        request = Request(scope, receive)
        await identify(request)
        slug = str(ChallengeName(scope["path_params"]["slug"]))
        private = _flag(request.query_params.get("private", "false"))
        found = self._boards.fresh(slug, private=private) or await self._made(slug, private)
        if request.headers.get("if-none-match") == found.etag:
            answer = Response(status_code=304, headers={"ETag": found.etag})
        else:
            kept = {"ETag": found.etag, "Cache-Control": "no-cache"}
            answer = Response(found.top, media_type="application/json", headers=kept)
        await answer(scope, receive, send)

    async def _made(self, slug: str, private: bool) -> Board:
        return await anyio.to_thread.run_sync(lambda: self._boards.of(slug, private=private), limiter=_threads)


def _flag(text: str) -> bool:
    try:
        return _BOOL.validate_python(text)
    except ValidationError:
        raise InputError(
            ko=f"private에는 true나 false가 필요한데 {shorten(text)}을(를) 받았습니다.",
            en=f"private takes true or false; found {shorten(text)}.",
        ) from None
