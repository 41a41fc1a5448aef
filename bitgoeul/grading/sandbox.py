"""Runs one job in the sandbox and sees that it stays within its limits.

The supervisor reads what the job writes as hostile: bounded in size, never interpreted here. Every 100 ms it
adds up the memory of all the job's processes. Whatever happens, nothing of the job is left when `run` returns:
the processes end with their process namespace, the files with their mount namespace.
"""

from __future__ import annotations

import io
import json
import os
import select
import signal
import socket
import tarfile
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bitgoeul.grading import cgroups, watch, zygotes
from bitgoeul.grading.zygotes import Forked, Zygote, ZygoteLost
from bitgoeul.profiles import MEBIBYTE
from bitgoeul.settings import Grading

Reason = Literal["done", "ended", "wall-time", "silent", "memory", "output"]
"""`done`: all was said. `ended`: the job ended by itself. The others are limits that it broke."""
FOLDERS = 100  # inodes that are not counted as a job's files
SLACK_MB = 64  # for what the kernel keeps of a well-behaved job
TICK = 0.1
GRACE_SECONDS = 5.0  # from the interrupt of a cell that ran too long to the end of its process
MOST_TRIES = 3
MOST_LINES = 20_000  # a notebook has 5,000 cells at most, each with a line or two


@dataclass(frozen=True)
class Say:
    """Words for a job, how long its answer may take before it is interrupted, and a descriptor that goes with them.

    Without `seconds` what was said before counts on.
    """

    words: bytes = b""
    seconds: float | None = None
    descriptor: int | None = None


class Talk(Protocol):
    """What is to be said to a job, one thing after the other."""

    def begin(self) -> Say:
        """Give the first thing to say."""

    def heard(self, line: bytes) -> Say | None:
        """Take one line; give what to say next, and `None` when all is said."""


class Listen:
    """For a job that was told everything with its files: after its `end` there is nothing to wait for."""

    def begin(self) -> Say:
        """There is nothing to say."""
        return Say()

    def heard(self, line: bytes) -> Say | None:
        """Lines need no answer."""
        return None if line.startswith(b'{"end"') else Say()


@dataclass(frozen=True)
class Ended:
    """What a job wrote, and why it ended. `lines` are whole lines; nothing in them is to be trusted.

    `crowded` holds how many lines had been written each time the job was seen at its limit of processes, `late` the
    places of lines that came only after an interrupt.
    """

    reason: Reason
    lines: tuple[bytes, ...]
    most_memory: int
    seconds: float
    crowded: frozenset[int] = frozenset()
    late: frozenset[int] = frozenset()


@dataclass
class _Run:
    """The supervisor's view of one running job. `counted`: the kernel counts all its memory, too."""

    job: Forked
    talk: Talk
    deadline: float
    grading: Grading
    counted: bool
    lines: list[bytes] = field(default_factory=list)
    rest: bytearray = field(default_factory=bytearray)
    size: int = 0
    late: float = float("inf")
    interrupted: bool = False
    came_late: set[int] = field(default_factory=set)
    poll: select.poll = field(default_factory=select.poll)
    watched: float = field(default_factory=time.monotonic)
    most_memory: int = 0
    crowded: set[int] = field(default_factory=set)

    def follow(self) -> Reason:
        """Speak, read and watch until the job ends, has heard all, or breaks a limit."""
        poll = self.poll = select.poll()
        poll.register(self.job.line, select.POLLIN)
        poll.register(self.job.process, select.POLLIN)
        reason = self.say(self.talk.begin())
        while reason is None:
            ready = [descriptor for descriptor, _ in poll.poll(TICK * 1000)]
            if self.job.line.fileno() in ready:
                reason = self.take()
            elif ready:
                reason = "ended"
            reason = reason or self.broken()
        return reason

    def take(self) -> Reason | None:
        """Take what the job has written, and answer its lines."""
        try:
            chunk = self.job.line.recv(1 << 18)
        except OSError:
            chunk = b""
        if not chunk:
            return "ended"
        self.size += len(chunk)
        self.rest += chunk
        if b"\n" not in chunk:
            return None
        *whole, rest = bytes(self.rest).split(b"\n")
        self.rest = bytearray(rest)
        for line in whole:
            if self.interrupted:
                self.came_late.add(len(self.lines))
            self.lines.append(line)
            answer = self.talk.heard(line)
            reason = "done" if answer is None else self.say(answer)
            if len(self.lines) > MOST_LINES:
                return "output"
            if reason is not None:
                return reason
        return None

    def say(self, say: Say) -> Reason | None:
        """Say something and begin to wait; where nobody listens, the job has ended."""
        if say.seconds is not None:
            self.late, self.interrupted = time.monotonic() + say.seconds, False
        try:
            if say.descriptor is not None:
                socket.send_fds(self.job.line, [say.words], [say.descriptor])
                self.poll.register(say.descriptor, 0)  # whoever asks on its other end may be done before the job is
            elif say.words:
                self.job.line.sendall(say.words)
        except OSError:
            return "ended"
        return None

    def broken(self) -> Reason | None:
        """Say which limit is broken, if one is; interrupt what takes too long."""
        now = time.monotonic()
        # Six bytes of JSON for one of text is the worst case.
        if self.size > 6 * self.grading.output_mb * 1_000_000 + 4_000_000:
            return "output"
        if now > self.deadline:
            return "wall-time"
        if now > self.late:
            if self.interrupted:
                return "silent"
            self.interrupted, self.late = True, now + GRACE_SECONDS
            watch.signal_to(self.job.process, signal.SIGINT)
        if now - self.watched >= TICK:
            self.watched = now
            return "memory" if self.too_big() else None
        return None

    def too_big(self) -> bool:
        """Look at all the job's processes; note when no more of them are allowed."""
        most = self.grading.memory_mb * MEBIBYTE
        seen = watch.look(self.job.numbers, most)
        memory = seen.memory + (0 if self.counted else watch.in_sockets(self.job.numbers[1]))
        self.most_memory = max(self.most_memory, memory)
        if seen.tasks >= self.grading.processes - 1:
            self.crowded.add(len(self.lines))
        return memory > most


class Sandbox:
    """Starts jobs with the limits of the settings. One object serves any number of threads."""

    def __init__(self, grading: Grading, warm: zygotes.Zygotes | None = None) -> None:
        self.grading = grading
        self.warm = warm or zygotes.shared

    def limits(self) -> dict[str, int]:
        """The limits that a job sets for itself and its children."""
        wanted = ("memory_mb", "disk_mb", "processes", "cell_seconds", "total_seconds", "output_mb")
        return {name: int(getattr(self.grading, name)) for name in wanted}

    def run(
        self,
        job: Mapping[str, Any],
        files: Mapping[str, bytes],
        *,
        packages: frozenset[str] = frozenset(),
        seconds: float,
        talk: Callable[[], Talk] = Listen,
    ) -> Ended:
        """Run one job for at most `seconds`; raise `SandboxUnavailable` only when it cannot even be started.

        `talk` is made anew for each try: a zygote that is gone takes its jobs with it, which is not their fault.
        """
        limits = {**self.limits(), **job.get("limits", {})}
        with tempfile.TemporaryFile() as bundle:
            size = _pack(bundle, {**job, "limits": limits}, files)
            room = {
                "disk_bytes": self.grading.disk_mb * MEBIBYTE + size,
                "files": self.grading.max_files + len(files) + FOLDERS,
            }
            # Opened anew for reading only: nothing inside could write to our file even if it got hold of it.
            with open(f"/proc/self/fd/{bundle.fileno()}", "rb") as read_only:  # noqa: PTH123
                return self._try({"limits": limits, **room}, read_only.fileno(), packages, seconds, talk)

    def _try(
        self,
        request: Mapping[str, Any],
        bundle: int,
        packages: frozenset[str],
        seconds: float,
        talk: Callable[[], Talk],
    ) -> Ended:
        told = ""
        for _ in range(MOST_TRIES):
            os.lseek(bundle, 0, os.SEEK_SET)
            with self.warm.use(packages) as zygote:
                try:
                    return self._run(zygote, request, bundle, seconds, talk())
                except ZygoteLost as lost:
                    told = f"{lost}; {zygote.close()}"
        raise zygotes.unavailable("bubblewrap 0.8", told)

    def _run(self, zygote: Zygote, request: Mapping[str, Any], bundle: int, seconds: float, talk: Talk) -> Ended:
        began = time.monotonic()
        job = zygote.fork(request, bundle)
        group = cgroups.make(self.grading.memory_mb * MEBIBYTE + request["disk_bytes"] + SLACK_MB * MEBIBYTE)
        run = _Run(job, talk, began + seconds, self.grading, counted=group is not None)
        told_all = isinstance(talk, Listen)
        try:
            # Joining a group takes the kernel some 6 ms. A job that runs only what it will be told joins meanwhile.
            if group is not None and told_all:
                group.add(job.numbers[1])
            job.line.sendall(b"g")
            if group is not None and not told_all:
                group.add(job.numbers[1])
            reason: Reason = run.follow()
        except OSError:
            reason = "ended"
        finally:
            job.end()
            overflowed = group is not None and group.end()
        if not zygote.alive:
            raise ZygoteLost("it ended while a job ran")
        return Ended(
            "memory" if overflowed else reason,
            tuple(run.lines),
            run.most_memory,
            time.monotonic() - began,
            frozenset(run.crowded),
            frozenset(run.came_late),
        )


def _pack(bundle: Any, job: Mapping[str, Any], files: Mapping[str, bytes]) -> int:
    size = 0
    with tarfile.open(fileobj=bundle, mode="w|") as tar:
        for name, content in [("job.json", json.dumps(job).encode()), *_placed(files)]:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(content))
            size += len(content) + 4096
    bundle.flush()
    return size


def _placed(files: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    return [(f"files/{name}", files[name]) for name in sorted(files)]
