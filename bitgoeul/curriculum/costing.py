"""Measures what a judgement costs, whatever starts the processes.

The kernel's own account of ended children is no help: a sandbox ends without waiting for what ran inside it.
So the living descendants are looked at several times a second, and each counts with the most it showed. What lives
shorter than two looks may count as nothing: a budget is told in seconds.

Processor seconds are no constant of the work: beside others that fill caches and memory lanes, the same work takes
up to twice as many. So every two seconds a yardstick is laid on, a piece of work whose seconds on a quiet machine are
known, and a budget counts in quiet seconds.
"""

from __future__ import annotations

import random
import statistics
import threading
import time
from types import TracebackType

import psutil

EVERY_SECONDS = 0.05
YARDSTICK_EVERY = 40  # looks
QUIET_YARDSTICK = 0.2  # seconds, on a quiet server core of 2024; there judgements take what course.toml says
MOST_SLOWNESS = 2.0  # a budget has to mean something: beyond this, look for a quieter machine


def yardstick() -> float:
    """Give the processor seconds of a piece of work that minds caches as judging does."""
    began = time.thread_time()
    chance = random.Random(7)
    numbers = [chance.random() for _ in range(300_000)]
    places = {number: place for place, number in enumerate(numbers)}
    sum(places[number] for number in sorted(numbers))
    return time.thread_time() - began


def slowness(yardsticks: list[float]) -> float:
    """Say how much longer work takes than on a quiet machine: 1 at least, and a bounded number."""
    found = statistics.median(yardsticks) / QUIET_YARDSTICK if yardsticks else 1.0
    return min(max(found, 1.0), MOST_SLOWNESS)


class ProcessorTime:
    """While entered, adds up the processor seconds of all processes that start below this one."""

    def __init__(self) -> None:
        self._most: dict[tuple[int, float], float] = {}
        self._before: dict[tuple[int, float], float] = {}
        self._yardsticks: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> ProcessorTime:
        self._before = self._look()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def seconds(self) -> float:
        """User and system time, without what the processes had used before."""
        return sum(most - self._before.get(process, 0.0) for process, most in self._most.items())

    @property
    def quiet_seconds(self) -> float:
        """The same as it would be on a quiet machine."""
        return self.seconds / slowness(self._yardsticks)

    def _watch(self) -> None:
        looks = 0
        while not self._ended.wait(EVERY_SECONDS):
            self._most.update(self._look())
            looks += 1
            if looks % YARDSTICK_EVERY == 0:
                self._yardsticks.append(yardstick())

    @staticmethod
    def _look() -> dict[tuple[int, float], float]:
        found = {}
        for process in psutil.Process().children(recursive=True):
            try:
                times = process.cpu_times()
                found[process.pid, process.create_time()] = times.user + times.system
            except psutil.Error:
                continue
        return found
