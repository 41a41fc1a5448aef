"""Looks at all processes of a job from outside: their memory, and their end."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

LONGEST_END = 5.0
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Seen:
    """One look at a job. `tasks` counts processes and threads, as the kernel's limit does."""

    memory: int
    tasks: int


def descendants(root: int) -> dict[int, int]:
    """All living descendants of a process, the oldest first, each with its number of threads.

    Orphans of a job stay among them: its own process 1 adopts them.
    """
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


def look(root: int, enough: int) -> Seen:
    """Add up what a job holds in memory. Shared pages are counted once, if that could make a difference."""
    processes = descendants(root)
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


def hold(info: bytes) -> int | None:
    """Get hold of the job's process 1 from what bwrap tells; a descriptor stays true when numbers are reused."""
    found = re.search(rb'"child-pid": *(\d+)', info)
    if not found:
        return None
    try:
        return os.pidfd_open(int(found[1]))
    except ProcessLookupError:
        return None


def end(process: subprocess.Popen[bytes], first: int | None) -> None:
    """End a job and wait until nothing of it runs.

    bwrap itself may be gone earlier than the processes it started. Their process 1 is gone only when the last
    of them is.
    """
    if first is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(first, signal.SIGKILL)
        select.select([first], [], [], LONGEST_END)
        os.close(first)
    try:
        process.wait(timeout=LONGEST_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
