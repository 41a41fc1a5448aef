"""Runs one job in a sandbox and sees that it stays within its limits.

The supervisor reads what the job writes as hostile: bounded in size, never interpreted here. Every 100 ms it
adds up the memory of all the job's processes. Whatever happens, nothing of the job is left when `run` returns:
the processes end with their process namespace, the files with their mount namespace.
"""

from __future__ import annotations

import io
import json
import os
import selectors
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Literal, cast

from bitgoeul.errors import SandboxUnavailable
from bitgoeul.grading import cgroups, launch, seccomp, watch
from bitgoeul.settings import Grading

Reason = Literal["ended", "wall-time", "silent", "memory", "output"]
MEBIBYTE = 1024 * 1024
SLACK_MB = 64  # for what the kernel keeps of a well-behaved job
TICK = 0.1
SILENCE_SECONDS = 15  # beyond a cell's own time; the program inside tells of a stopped cell much earlier
LONGEST_STDERR = 8_000


@dataclass(frozen=True)
class Ended:
    """What a job wrote, and why it ended. `lines` are whole lines; nothing in them is to be trusted.

    `crowded` holds how many lines had been written each time the job was seen at its limit of processes.
    """

    reason: Reason
    lines: tuple[bytes, ...]
    stderr: str
    most_memory: int
    seconds: float
    crowded: frozenset[int] = frozenset()


@dataclass
class _Run:
    """The supervisor's view of one running job."""

    process: subprocess.Popen[bytes]
    deadline: float
    grading: Grading
    info: int
    answers: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    told: bytearray = field(default_factory=bytearray)
    first: int | None = None
    heard: float | None = None
    watched: float = 0.0
    most_memory: int = 0
    crowded: set[int] = field(default_factory=set)

    def follow(self) -> Reason:
        """Read and watch until the job ends or breaks a limit."""
        with selectors.DefaultSelector() as selector:
            for stream, kept in ((self.process.stdout, self.answers), (self.process.stderr, self.stderr)):
                selector.register(cast("IO[bytes]", stream), selectors.EVENT_READ, kept)
            selector.register(self.info, selectors.EVENT_READ, self.told)
            while selector.get_map():
                ready = selector.select(TICK)
                for key, _ in ready:
                    self.take(selector, key)
                if not ready and self.process.poll() is not None:
                    break  # what still holds a pipe open is only waiting to be ended
                reason = self.broken()
                if reason is not None:
                    return reason
        return "ended"

    def take(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        """Take what one of the pipes has."""
        chunk = os.read(key.fd, 1 << 16)
        if not chunk:
            selector.unregister(key.fileobj)
            if key.data is self.told:
                self.first = watch.hold(self.told)
        elif key.data is not self.stderr or len(self.stderr) < LONGEST_STDERR:
            key.data.extend(chunk)
            self.heard = time.monotonic() if key.data is self.answers else self.heard

    def broken(self) -> Reason | None:
        """Say which limit is broken, if one is."""
        now = time.monotonic()
        # Six bytes of JSON for one of text is the worst case.
        if len(self.answers) > 6 * self.grading.output_mb * 1_000_000 + 4_000_000:
            return "output"
        if now > self.deadline:
            return "wall-time"
        if self.heard is not None and now > self.heard + self.grading.cell_seconds + SILENCE_SECONDS:
            return "silent"
        if now - self.watched >= TICK:
            self.watched = now
            return "memory" if self.too_big() else None
        return None

    def too_big(self) -> bool:
        """Look at all the job's processes; note when no more of them are allowed."""
        most = self.grading.memory_mb * MEBIBYTE
        seen = watch.look(self.process.pid, most)
        self.most_memory = max(self.most_memory, seen.memory)
        if seen.tasks >= self.grading.processes - 1:
            self.crowded.add(self.answers.count(b"\n"))
        return seen.memory > most


class Sandbox:
    """Starts jobs with the limits of the settings. One object serves any number of threads."""

    def __init__(self, grading: Grading) -> None:
        self.grading = grading

    def limits(self) -> dict[str, int]:
        """The limits that the program inside sets for itself and its children."""
        wanted = ("memory_mb", "disk_mb", "processes", "cell_seconds", "total_seconds", "output_mb")
        return {name: int(getattr(self.grading, name)) for name in wanted}

    def run(
        self,
        job: Mapping[str, Any],
        files: Mapping[str, bytes],
        *,
        seed: int = 0,
        seconds: float,
        line: socket.socket | None = None,
    ) -> Ended:
        """Run one job for at most `seconds`; raise `SandboxUnavailable` only when it cannot even be started.

        A `line` becomes the job's own and is closed here: its other end speaks with the program inside.
        """
        began = time.monotonic()
        run, group = self._begin(job, files, seed, line, began + seconds)
        try:
            reason = run.follow()
        finally:
            watch.end(run.process, run.first)
            os.close(run.info)
            overflowed = group is not None and group.end()
        *lines, _rest = bytes(run.answers).split(b"\n")
        stderr = run.stderr.decode(errors="replace")
        taken = time.monotonic() - began
        return Ended(
            "memory" if overflowed else reason, tuple(lines), stderr, run.most_memory, taken, frozenset(run.crowded)
        )

    def _begin(
        self, job: Mapping[str, Any], files: Mapping[str, bytes], seed: int, line: socket.socket | None, deadline: float
    ) -> tuple[_Run, cgroups.MemoryGroup | None]:
        program = seccomp.filter_here()
        if program is None or launch.find_bwrap() is None:
            raise unavailable("bubblewrap 0.8")
        grading = self.grading
        lines = [line.fileno()] if line else []
        with tempfile.TemporaryFile() as bundle, tempfile.TemporaryFile() as filter_file:
            size = _pack(bundle, {**job, "limits": {**self.limits(), **job.get("limits", {})}}, files)
            filter_file.write(program)
            filter_file.seek(0)
            group = cgroups.make((grading.memory_mb + grading.disk_mb + SLACK_MB) * MEBIBYTE + size)
            info, told = os.pipe()
            plan = launch.prepare(
                disk_bytes=grading.disk_mb * MEBIBYTE + size,
                files=grading.max_files + len(files),
                seed=seed,
                filter_descriptor=filter_file.fileno(),
                info_descriptor=told,
                group=group.members if group else None,
                line=line.fileno() if line else None,
            )
            process = _start(plan, bundle.fileno(), (filter_file.fileno(), told, *lines))
            os.close(told)
            if line is not None:
                line.close()
        if process is None:
            os.close(info)
            raise unavailable("util-linux 2.36 (unshare)")
        return _Run(process, deadline, grading, info), group


def _start(plan: launch.Launch, bundle: int, passed: tuple[int, ...]) -> subprocess.Popen[bytes] | None:
    # Opened anew for reading only: nothing inside could write to our file even if it got hold of it.
    with open(f"/proc/self/fd/{bundle}", "rb") as read_only:  # noqa: PTH123
        try:
            return subprocess.Popen(
                plan.command,
                env=plan.environment,
                stdin=read_only,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=passed,
                cwd="/",
                start_new_session=True,
            )
        except OSError:
            return None


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


def unavailable(what: str) -> SandboxUnavailable:
    """Say that no sandbox can be had, and what to do."""
    return SandboxUnavailable(
        ko=f"제출물을 격리해서 실행하려면 {what} 이상과 사용자 이름공간이 필요한데 이 컴퓨터에서 쓸 수 없습니다. `bitgoeul doctor`가 알려 주는 명령을 실행해 주십시오.",
        en=f"Running submissions in isolation needs {what} or newer and user namespaces, which this machine does not offer. Run what `bitgoeul doctor` tells.",
    )
