"""Measures what a judgement costs, whatever starts the processes.

The kernel's own account of ended children is no help: a sandbox ends without waiting for what ran inside it.
So the living descendants are looked at several times a second, and each counts with the most it showed.
"""

from __future__ import annotations

import threading
from types import TracebackType

import psutil

EVERY_SECONDS = 0.05


class ProcessorTime:
    """While entered, adds up the processor seconds of all processes that start below this one."""

    def __init__(self) -> None:
        self._most: dict[tuple[int, float], float] = {}
        self._before: dict[tuple[int, float], float] = {}
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

    def _watch(self) -> None:
        while not self._ended.wait(EVERY_SECONDS):
            self._most.update(self._look())

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
