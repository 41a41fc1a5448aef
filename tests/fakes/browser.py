"""An httpx client that speaks to an ASGI app in process, with the app's lifespan and one event loop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal


class _InProcess(httpx.BaseTransport):
    """Answers with the whole body: an endless stream is for a real server."""

    def __init__(self, app: Any, portal: BlockingPortal) -> None:
        self._inner = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        return self._portal.call(self._answer, request, body)

    async def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        with anyio.fail_after(60):
            answer = await self._inner.handle_async_request(copy)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@contextmanager
def browser(app: Any, *, base_url: str = "http://academy.test", **options: Any) -> Iterator[httpx.Client]:
    """A client with cookies that follows no redirect unless told so."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_lifespan(app)):
        client = httpx.Client(transport=_InProcess(app, portal), base_url=base_url, trust_env=False, **options)
        with client:
            yield client


def _lifespan(app: Any) -> Any:
    return app.router.lifespan_context(app)
