"""A memory group of the kernel for one job, where we may make one: as root, or where the system delegated it.

It holds what adding up processes ten times a second cannot: a burst between two looks, and memory that the
kernel keeps for a job (pipes and sockets full of data, files in its small file system).
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_numbers = itertools.count()
_leaving: deque[Path] = deque(maxlen=1000)


@dataclass(frozen=True)
class MemoryGroup:
    """One group. A job is put into it before it does anything."""

    folder: Path
    counter: str

    def add(self, process: int) -> None:
        """Put a process into the group, and all that it will start."""
        with contextlib.suppress(OSError):  # gone already
            (self.folder / "cgroup.procs").write_text(str(process))

    def end(self) -> bool:
        """Remove the group; tell whether the kernel ended a process because it was full."""
        try:
            lines = (self.folder / self.counter).read_text().splitlines()
        except OSError:
            lines = []
        _leaving.append(self.folder)
        _remove_those_leaving()
        return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)


def _remove_those_leaving() -> None:
    """The kernel may need a moment to see that nobody is left in a group: it goes with a later one then."""
    for _ in range(len(_leaving)):
        folder = _leaving.popleft()
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            _leaving.append(folder)


def make(limit_bytes: int) -> MemoryGroup | None:
    """Make a group with that limit below our own group; `None` where that is not for us to do."""
    base = _base()
    if base is None:
        return None
    parent, limit, counter = base
    folder = parent / f"bitgoeul-{os.getpid()}-{next(_numbers)}"
    try:
        folder.mkdir()
        (folder / limit).write_text(str(limit_bytes))
    except OSError:
        _forget(folder)
        return None
    return MemoryGroup(folder, counter)


@functools.cache
def _base() -> tuple[Path, str, str] | None:
    """Find our own group, and the names of its files in this version of the interface."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return _usable(_ROOT / "memory" / path.lstrip("/"), "memory.limit_in_bytes", "memory.oom_control")
    own = next((line.split("::", 1)[1] for line in lines if line.startswith("0::")), None)
    if own is None:
        return None
    folder = _ROOT / own.lstrip("/")
    try:
        delegated = "memory" in (folder / "cgroup.subtree_control").read_text().split()
    except OSError:
        return None
    return _usable(folder, "memory.max", "memory.events") if delegated else None


def _usable(folder: Path, limit: str, counter: str) -> tuple[Path, str, str] | None:
    if not os.access(folder, os.W_OK):
        return None
    _sweep(folder)
    return folder, limit, counter


def _sweep(folder: Path) -> None:
    """Remove the groups of a service that was killed; one in which something still runs refuses to go."""
    for group in folder.glob("bitgoeul-*-*"):
        if not Path(f"/proc/{group.name.split('-')[1]}").exists():
            with contextlib.suppress(OSError):
                group.rmdir()


def _forget(folder: Path) -> None:
    if folder.is_dir():
        folder.rmdir()
