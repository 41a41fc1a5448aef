"""Starts in turn: so many labs come up at one time, and who clicks beside them waits in line and is told his place.

JupyterHub's own limit (`concurrent_spawn_limit`) sends everybody beyond it away with an error: of a class that clicks
at once most would see one. The line is held before a start, where JupyterHub's patience for a start does not run yet.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from bitgoeul.errors import Text

AT_ONCE = 3 * (os.cpu_count() or 1)
"""More than that only makes every start slower."""

_STEP_SECONDS = 0.2
_AHEAD = Text(
    "여럿이 함께 시작해서 차례로 켭니다. 앞에 {count}명이 있습니다.",
    "Many start at once, so labs start in turn. There are {count} before yours.",
)


def stage(percent: int, text: Text) -> dict[str, Any]:
    """What JupyterHub sends to the page of a start, in both languages; the page takes its own."""
    return {"progress": percent, "message": f"{text.ko} / {text.en}", "ko": text.ko, "en": text.en}


class Turns:
    """One line for the Hub, first come, first started."""

    def __init__(self, places: int = AT_ONCE) -> None:
        self.places = places
        self._starting: list[Any] = []
        self._line: deque[Any] = deque()
        self._ends: set[asyncio.Task[None]] = set()

    async def take(self, spawner: Any) -> None:
        """Wait until the spawner may start; its place is free again when JupyterHub calls its start over."""
        self._line.append(spawner)
        try:
            while self._line[0] is not spawner or len(self._starting) >= self.places:  # noqa: ASYNC110  both change by themselves
                await asyncio.sleep(_STEP_SECONDS)
        finally:
            self._line.remove(spawner)
        self._starting.append(spawner)
        end = asyncio.create_task(self._until_it_is_over(spawner))
        self._ends.add(end)
        end.add_done_callback(self._ends.discard)

    async def _until_it_is_over(self, spawner: Any) -> None:
        while spawner.pending:  # noqa: ASYNC110  JupyterHub tells nobody when a start has ended
            await asyncio.sleep(_STEP_SECONDS)
        self._starting.remove(spawner)

    async def progress(self, spawner: Any) -> AsyncIterator[dict[str, Any]]:
        """What the page of a start says while its spawner stands in line; nothing when it does not."""
        told = -1
        while spawner in self._line:
            count = self._line.index(spawner)
            if count != told:
                told = count
                yield stage(2, _AHEAD.format(count=count))
            await asyncio.sleep(_STEP_SECONDS)
