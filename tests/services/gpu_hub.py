"""A Hub as far as leases are concerned, in a process that can be killed, and containers as far as labels are.

A container is a real process in a session of its own that bears the labels in its environment; it outlives the Hub.
The Hub starts and stops servers by the real store, and kills itself with SIGKILL at an instant that the test draws:
before or after any statement of the database, any commit, any order to the engine.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from sqlalchemy import event

from bitgoeul.database import Database
from bitgoeul.gpus.model import LABELS, Running, Slot, Wish
from bitgoeul.gpus.store import Granted, Leases

SLOTS = (Slot("h", "GPU-0"), Slot("h", "GPU-1"), Slot("h", "GPU-2", 0, "shared", isolated=False), Slot("h", "GPU-2", 1, "shared", isolated=False))  # fmt: skip
USERS = [f"student-{n}" for n in range(6)]
MARK = "TEST_ENGINE"
STARTING_SECONDS = 0.02


@dataclass(frozen=True)
class Engine:
    """Starts, finds and ends containers of one test."""

    mark: str

    def containers(self) -> Iterator[tuple[psutil.Process, Running]]:
        for process in psutil.process_iter():
            try:
                environ = process.environ()
                if environ.get(MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    labels = {name: environ[_variable(name)] for name in LABELS if _variable(name) in environ}
                    found = Running.read(labels, str(process.pid))
                    if found is not None:
                        yield process, found
            except (psutil.Error, OSError):
                continue

    def start(self, running: Running) -> None:
        """Order a container. It bears its labels a little later, whether the Hub lives or not."""
        labels = [f"{_variable(name)}={value}" for name, value in running.labels().items()]
        script = f'sleep {STARTING_SECONDS}; exec env "$@" sleep 300'
        environ = {"PATH": os.environ["PATH"], MARK: self.mark}
        argv = ["sh", "-c", script, "sh", *labels]
        os.posix_spawnp("sh", argv, environ, setsid=True)  # nobody's child to wait for, as a container is

    def wait_for(self, lease: str) -> None:
        for _ in range(500):
            if any(running.lease == lease for _, running in self.containers()):
                return
            time.sleep(0.01)
        raise AssertionError(f"no container for {lease}")

    def end(self, lease: str) -> None:
        for process, running in self.containers():
            if running.lease == lease:
                process.kill()
                while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    time.sleep(0.002)


def _variable(label: str) -> str:
    return label.replace(".", "_").upper()


@dataclass
class Fuse:
    """Kills this process at its n-th instant; -1: never."""

    left: int

    def instant(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def lay(self, database: Database) -> None:
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(database.engine, name, self.instant)


def book_of(url: str, minutes: float) -> Leases:
    """The book at a clock that is ahead, so that a restart comes long enough after the kill."""
    return Leases(Database(url), SLOTS, clock=lambda: datetime.now(UTC) + timedelta(minutes=minutes))


def hub(url: str, mark: str, seed: int, kill_at: int, minutes: float, steps: int) -> None:
    """One life of the Hub."""
    leases, engine, fuse, draw = book_of(url, minutes), Engine(mark), Fuse(kill_at), random.Random(seed)
    fuse.lay(leases.database)
    for container in leases.reconcile([running for _, running in engine.containers()]).stop:
        engine.end(container.lease)
    for _ in range(steps):
        user, kind = draw.choice(USERS), draw.choice(["whole", "shared"])
        mine = [lease for lease in leases.book().leases if lease.active and lease.owner == user]
        fuse.instant()
        if mine:
            leases.ending(mine[0].id, "stopped")
            engine.end(mine[0].id)
            fuse.instant()
            leases.release(mine[0].id)
        else:
            found = leases.acquire(Wish(user, "", "a", kind))
            if isinstance(found, Granted):
                fuse.instant()
                engine.start(Running.of(found.lease))
                fuse.instant()
                engine.wait_for(found.lease.id)
        fuse.instant()
    leases.database.close()


def clean(mark: str) -> None:
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                process.kill()
        except (psutil.Error, OSError):
            continue


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'leases.sqlite'}"
