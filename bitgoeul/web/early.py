"""Listens at once and loads the service behind it: who asks meanwhile waits, and nobody is turned away.

The Hub shows no page before its service answers, and the service needs two seconds of CPU to load. So the
Hub's question whether somebody is there is answered first, as the service itself answers a stranger; every
other request waits until the service is ready. Standard library only: whatever this imports is waited for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

_log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Service(Protocol):
    """The part of a FastAPI app that is needed here."""

    @property
    def router(self) -> Any:
        """Its `lifespan_context` starts and ends what runs beside the requests."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""


class Early:
    """An ASGI app in front of the one that `load` makes, in a thread, once the server listens.

    `prefix` is the service's path. When loading fails, `failure` holds why and `give_up` is called to end the server.
    """

    give_up: Callable[[], object]
    _ready: asyncio.Future[Service | None]

    def __init__(self, prefix: str, load: Callable[[], Service]) -> None:
        self.prefix = prefix
        self.failure: BaseException | None = None
        self._load = load
        self._ending = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or the server's word that it starts and ends."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif not self._ready.done() and _from_a_stranger(scope, self.prefix):
            await _answer(send, 401, (b"www-authenticate", b"Bearer"))
        elif service := await asyncio.shield(self._ready):
            await service(scope, receive, send)
        else:
            await _answer(send, 503, (b"retry-after", b"30"))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._ready = asyncio.get_running_loop().create_future()
        running = asyncio.create_task(self._run())
        running.add_done_callback(self._note)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._ending.set()
        await asyncio.wait([running])
        await send({"type": "lifespan.shutdown.complete"})

    async def _run(self) -> None:
        service = await asyncio.to_thread(self._load)
        alive: AbstractAsyncContextManager[Any] = service.router.lifespan_context(service)
        async with alive:
            self._ready.set_result(service)
            await self._ending.wait()

    def _note(self, running: asyncio.Task[None]) -> None:
        self.failure = None if running.cancelled() else running.exception()
        if self.failure is not None:
            _log.error("the service cannot load", exc_info=self.failure)
            if not self._ready.done():
                self._ready.set_result(None)
            self.give_up()


async def _answer(send: Send, status: int, header: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [header, (b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def _from_a_stranger(scope: Scope, prefix: str) -> bool:
    """A question at our root by a program that says nothing of itself: the service answers it with 401 too."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != prefix:
        return False
    headers = dict(scope["headers"])
    known = b"cookie" in headers or b"authorization" in headers
    return not known and b"text/html" not in headers.get(b"accept", b"")
