"""Bodies of requests: streamed to disk in bounded memory, with the blocking work in threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import anyio
from fastapi import Request
from starlette.requests import ClientDisconnect

from bitgoeul.blobs import BlobWriter
from bitgoeul.errors import InputError

T = TypeVar("T")
IDLE_SECONDS = 60.0
HELD = 1 << 19  # bytes of one upload in memory
MOST_DRAINED = 300_000_000
_threads = anyio.CapacityLimiter(16)  # disks like few writers; pages have threads of their own


async def in_thread(work: Callable[[], T]) -> T:
    """Run blocking disk work without holding up the loop."""
    return await anyio.to_thread.run_sync(work, limiter=_threads)


def announced_size(request: Request) -> int | None:
    """The Content-Length, if there is a sensible one."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isdigit() and len(text) < 16 else None


async def spool(request: Request, body: BlobWriter, then: Callable[[], T]) -> T:
    """Write the request's body, then do what is to be done with it, in a thread; give what that gives.

    Raise `InputError` when the sender goes away or falls silent. A small body takes one thread's turn in all.
    """
    waiting = bytearray()
    async for piece in _pieces(request):
        waiting += piece
        if len(waiting) >= HELD:
            await _write(body, bytes(waiting))
            waiting.clear()

    def finish() -> T:
        body.write(bytes(waiting))
        return then()

    return await in_thread(finish)


async def _write(body: BlobWriter, data: bytes) -> None:
    await in_thread(lambda: body.write(data))


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(IDLE_SECONDS) as idle:
            async for piece in request.stream():
                yield piece
                idle.reschedule(loop.time() + IDLE_SECONDS)
    except (ClientDisconnect, TimeoutError):
        raise InputError(
            ko="보내는 도중에 연결이 끊겼습니다. 저장하지 않았으니 같은 키로 다시 보내세요.",
            en="The connection was cut while sending. Nothing was stored: send it again with the same key.",
        ) from None


async def drain(request: Request) -> None:
    """Read on after a refusal: who still sends does not read our answer, and loses it with the connection."""
    drained = 0
    try:
        async for piece in _pieces(request):
            drained += len(piece)
            if drained > MOST_DRAINED:
                return
    except (InputError, RuntimeError):  # gone, or the body was read already
        return
