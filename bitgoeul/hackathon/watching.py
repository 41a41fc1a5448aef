"""Server-sent events: one look at a board for all that watch it, and the message made once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import anyio

from bitgoeul.errors import BitgoeulError
from bitgoeul.hackathon.boards import LOOK_EVERY, Board, Boards

log = logging.getLogger(__name__)
BEAT_SECONDS = 15.0
BEAT = b": still here\n\n"


@dataclass
class _Watched:
    """One challenge's board while somebody watches it. `bell` rings once, then there is another."""

    board: Board
    message: bytes
    watchers: int = 0
    bell: asyncio.Event = field(default_factory=asyncio.Event)


def message_of(board: Board) -> bytes:
    """What watchers are told: the ETag, by which the board is fetched."""
    return f"id: {board.change}\nevent: board\ndata: {board.etag}\n\n".encode()


class Watching:
    """All watchers of this process; lives in one event loop."""

    def __init__(self, boards: Boards) -> None:
        self._boards = boards
        self._watched: dict[str, _Watched] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._joining = asyncio.Lock()

    async def changes(self, slug: str) -> AsyncIterator[bytes]:
        """The board's present state at once, then each change, and a sign of life in between."""
        watched = await self._join(slug)
        told = b""
        try:
            while True:
                if watched.message != told:
                    told = watched.message
                    yield told
                    continue  # it may have changed while that was sent
                bell = watched.bell
                try:
                    await asyncio.wait_for(bell.wait(), BEAT_SECONDS)
                except TimeoutError:
                    yield BEAT
        finally:
            watched.watchers -= 1

    async def _join(self, slug: str) -> _Watched:
        async with self._joining:  # of a thousand that come at once, the first looks
            watched = self._watched.get(slug)
            if watched is None:
                board = await anyio.to_thread.run_sync(self._boards.of, slug)
                watched = self._watched[slug] = _Watched(board, message_of(board))
                task = asyncio.create_task(self._look(slug, watched))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            watched.watchers += 1
        return watched

    async def _look(self, slug: str, watched: _Watched) -> None:
        """Look until nobody watches any more."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if not watched.watchers:
                del self._watched[slug]
                return
            try:
                board = await anyio.to_thread.run_sync(self._boards.of, slug)
            except BitgoeulError as error:
                log.warning("the board of %s cannot be made at the moment: %s", slug, error.text.en)
                continue
            if board.etag != watched.board.etag:
                watched.board, watched.message = board, message_of(board)
                bell, watched.bell = watched.bell, asyncio.Event()
                bell.set()
