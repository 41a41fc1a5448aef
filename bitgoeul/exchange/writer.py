"""One thread that writes, and many that wait for it: group commit.

A commit costs a disk flush, whatever it holds. So writes queue here, and up to 64 of them, or those of 4 ms,
share one transaction. When one of them is refused, the batch is undone and each is written by itself, so that it
takes no other with it: a write may run twice, and has its effect once.
Nobody hears of a success before the commit has returned.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from bitgoeul.blobs import storage_full
from bitgoeul.database import Database, busy
from bitgoeul.errors import BitgoeulError

T = TypeVar("T")
MOST = 64
WAIT = 0.004
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Write:
    apply: Callable[[Connection], Any]
    done: Future[Any]


class Writer:
    """The one writer of this process. `run` waits for the commit; `submit` gives a future of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="exchange-writer", daemon=True)
        self._thread.start()

    def submit(self, apply: Callable[[Connection], T]) -> Future[T]:
        """Queue a write; the future ends when it is durable, or with the error."""
        done: Future[T] = Future()
        self._queue.put(_Write(apply, done))
        return done

    def run(self, apply: Callable[[Connection], T]) -> T:
        """Write and wait until it is durable."""
        return self.submit(apply).result()

    def close(self) -> None:
        """Write what is queued, then end."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, last = self._gather(first)
            self._commit(batch)
            if last:
                return

    def _gather(self, first: _Write) -> tuple[list[_Write], bool]:
        batch = [first]
        until = time.monotonic() + WAIT
        while len(batch) < MOST:
            try:
                more = self._queue.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if more is None:
                return batch, True
            batch.append(more)
        return batch, False

    def _commit(self, batch: list[_Write]) -> None:
        try:
            with self._database.writing() as connection:
                results = [write.apply(connection) for write in batch]
        except OperationalError as error:  # the database itself: the others would fare no better
            _refuse(batch, _told(error))
        except Exception as error:  # noqa: BLE001  (the edge of this thread: whoever waits gets it)
            if len(batch) == 1:
                _refuse(batch, _told(error))
            else:
                for write in batch:  # nothing of the batch was kept; one of them is refused, the others are not
                    self._commit([write])
        else:
            for write, result in zip(batch, results, strict=True):
                write.done.set_result(result)


def _refuse(batch: list[_Write], error: Exception) -> None:
    for write in batch:
        write.done.set_exception(error)


def _told(error: Exception) -> Exception:
    """A database that is full, locked or away, as its caller may be told."""
    if isinstance(error, BitgoeulError):
        return error
    text = str(error).lower()
    if "disk is full" in text or "no space left" in text or "disk i/o error" in text:
        log.error("the disk is full: %s", error)
        return storage_full()
    if isinstance(error, OperationalError):
        log.error("the database does not answer: %s", error)
        return busy()
    log.exception("a write failed", exc_info=error)
    return error
