"""A class that clicks at once: everybody gets in, in the order of the clicks, and is told how many are before him."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bitgoeul.hub import turns as module
from bitgoeul.hub.gate import GatedSpawner
from bitgoeul.hub.turns import Turns


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STEP_SECONDS", 0.001)


def lab(name: str) -> Any:
    return SimpleNamespace(name=name, pending="spawn")


def test_a_class_starts_in_order_and_never_more_at_once_than_there_are_places() -> None:
    async def story() -> None:
        turns, labs = Turns(3), [lab(str(n)) for n in range(10)]
        begun: list[str] = []
        most = 0

        async def start(one: Any) -> None:
            nonlocal most
            await turns.take(one)
            begun.append(one.name)
            most = max(most, sum(each.name in begun and each.pending is not None for each in labs))
            await asyncio.sleep(0.005)
            one.pending = None

        await asyncio.gather(*map(start, labs))
        assert begun == [one.name for one in labs]
        assert most == 3

    asyncio.run(story())


def test_who_gives_up_leaves_the_line_and_a_failed_start_its_place() -> None:
    async def story() -> None:
        turns, first, second, third = Turns(1), lab("1"), lab("2"), lab("3")
        await turns.take(first)
        waits = asyncio.create_task(turns.take(second))
        last = asyncio.create_task(turns.take(third))
        await asyncio.sleep(0.005)
        waits.cancel()
        first.pending = None  # it failed, or it is up: JupyterHub does not say which
        await asyncio.wait_for(last, 1)

    asyncio.run(story())


def test_a_page_tells_the_place_in_line_and_then_the_runtimes_stages() -> None:
    class Spawner(GatedSpawner):
        pending = "spawn"

        async def stages(self):  # type: ignore[no-untyped-def]
            yield {"message": "it starts"}

    async def story() -> None:
        turns, busy, before = Turns(1), lab("busy"), lab("before")
        await turns.take(busy)
        lines = [asyncio.create_task(turns.take(before))]
        await asyncio.sleep(0)
        mine = Spawner()
        mine.turns = turns
        lines.append(asyncio.create_task(turns.take(mine)))
        await asyncio.sleep(0)
        told = []
        async for event in mine.progress():
            told.append(event.get("en", event["message"]))
            busy.pending = None
            if len(told) == 2:
                before.pending = None
        assert told[0].endswith("There are 1 before yours.")
        assert told[-1] == "it starts"
        await asyncio.gather(*lines)

    asyncio.run(story())
