"""Looks at all processes of a job from outside: their memory, and their end."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LONGEST_END = 5.0
FREE_SOCKETS, SOCKET = 128, 212_992  # bytes that wait in one, by the kernel's default
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Seen:
    """One look at a job. `tasks` counts processes and threads, as the kernel's limit does."""

    memory: int
    tasks: int


def descendants(root: int) -> dict[int, int]:
    """All living descendants of a process, the oldest first, each with its number of threads."""
    found: dict[int, int] = {}
    waiting = [root]
    while waiting:
        parent = waiting.pop()
        threads = _threads(parent)
        if parent != root and threads:
            found[parent] = len(threads)
        for thread in threads:
            waiting += _children(f"/proc/{parent}/task/{thread}/children")
    return found


def _threads(process: int) -> list[str]:
    """Processes end while they are looked at: then they have no threads."""
    try:
        return [thread.name for thread in Path(f"/proc/{process}/task").iterdir()]
    except OSError:
        return []


def _children(path: str) -> list[int]:
    try:
        return [int(child) for child in Path(path).read_text().split()]
    except OSError:
        return []


def look(roots: Iterable[int], enough: int) -> Seen:
    """Add up what the processes of a job hold in memory: the given ones and all below them.

    Shared pages, a zygote's among them, are counted by their share, if that could make a difference.
    """
    processes: dict[int, int] = {}
    for root in roots:
        threads = _threads(root)
        processes |= {root: len(threads)} if threads else {}
        processes |= descendants(root)
    memory = sum(_resident(process) for process in processes)
    if memory > enough:
        memory = sum(_proportional(process) for process in processes)
    return Seen(memory, sum(processes.values()))


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _proportional(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return _resident(process)
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def in_sockets(process: int) -> int:
    """What the sockets of a job could hold in the kernel, beyond what an honest one needs; nothing else counts it."""
    try:
        told = Path(f"/proc/{process}/net/sockstat").read_text()
    except OSError:
        return 0
    found = re.search(r"^sockets: used (\d+)", told)
    return max(0, int(found[1]) - FREE_SOCKETS) * SOCKET if found else 0


def hold(info: bytes) -> int | None:
    """Get hold of the job's process 1 from what bwrap tells; a descriptor stays true when numbers are reused."""
    found = re.search(rb'"child-pid": *(\d+)', info)
    if not found:
        return None
    try:
        return os.pidfd_open(int(found[1]))
    except ProcessLookupError:
        return None


def ended(process: int, seconds: float = LONGEST_END) -> bool:
    """Wait until the process behind a descriptor is gone, and with it, if it was a namespace's first, all others."""
    poll = select.poll()
    poll.register(process, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def signal_to(process: int, number: signal.Signals) -> None:
    """Send a signal, if there is still somebody to get it."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, number)


def end(process: subprocess.Popen[bytes], first: int | None) -> None:
    """End a sandbox and wait until nothing of it runs.

    bwrap itself may be gone earlier than the processes it started. Their process 1 is gone only when the last
    of them is.
    """
    if first is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        signal_to(first, signal.SIGKILL)
        ended(first)
        os.close(first)
    try:
        process.wait(timeout=LONGEST_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
