"""Watchers hear of each change once, whoever they are and how many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from bitgoeul.errors import ServiceBusy
from bitgoeul.hackathon import watching
from bitgoeul.hackathon.watching import Watching


class Changing:
    """A board whose state the test sets; it counts how often it is looked at."""

    def __init__(self) -> None:
        self.state, self.looks, self.away = 1, 0, False

    def of(self, slug: str) -> Any:
        self.looks += 1
        if self.away:
            raise ServiceBusy(ko="잠시", en="a moment")
        return self.board(self.state)

    @staticmethod
    def board(state: int) -> Any:
        return SimpleNamespace(change=state, etag=f'"{state}"')


async def heard(watch: Watching, into: list[bytes]) -> None:
    async for message in watch.changes("small"):
        into += [message]


async def until(done: Callable[[], bool]) -> None:
    """Wait for what a busy machine takes longer for; what never comes fails by what is asserted after."""
    for _ in range(500):
        if done():
            return
        await asyncio.sleep(0.02)


def test_a_thousand_watchers_cost_one_look_a_time_and_all_hear(monkeypatch):
    monkeypatch.setattr(watching, "LOOK_EVERY", 0.05)

    async def play() -> tuple[list[list[bytes]], int]:
        boards: Any = Changing()
        watch = Watching(boards)
        told: list[list[bytes]] = [[] for _ in range(1000)]
        tasks = [asyncio.create_task(heard(watch, into)) for into in told]
        await until(lambda: all(len(into) == 1 for into in told))
        boards.away = True  # the database is away for a moment: nobody is lost
        await asyncio.sleep(0.1)
        boards.away, boards.state = False, 2
        await until(lambda: all(len(into) == 2 for into in told))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        looks = boards.looks
        await asyncio.sleep(0.2)
        assert boards.looks <= looks + 1  # nobody watches: nobody looks
        assert not watch._watched
        return told, looks

    told, looks = asyncio.run(play())

    changes = [watching.message_of(Changing.board(state)) for state in (1, 2)]
    assert told == [changes] * 1000
    assert looks < 30


def test_who_hears_nothing_gets_a_sign_of_life(monkeypatch):
    monkeypatch.setattr(watching, "BEAT_SECONDS", 0.05)

    async def play() -> list[bytes]:
        told: list[bytes] = []
        boards: Any = Changing()
        task = asyncio.create_task(heard(Watching(boards), told))
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return told

    assert watching.BEAT in asyncio.run(play())
