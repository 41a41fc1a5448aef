"""Warm parents of submissions, seen from outside: started once for each set of libraries, asked for a fork each time.

A zygote that dies takes its jobs with it, which says nothing about them: they are run again by a new one.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitgoeul.errors import SandboxUnavailable
from bitgoeul.grading import launch, seccomp, watch

START_SECONDS = 120
FORK_SECONDS = 20
MOST_WARM = 4
# bwrap ends when the thread that started it ends, so one thread that never does starts them all.
_starter = ThreadPoolExecutor(1, thread_name_prefix="zygote-starter")


class ZygoteLost(Exception):
    """The zygote is gone, or does not fork any more."""


@dataclass(frozen=True)
class Forked:
    """A job that has been started and waits for its first word.

    `first` is a pidfd of its namespace's first process, with which all others end, `process` one of the kernel's;
    `numbers` are their pids out here.
    """

    line: socket.socket
    first: int
    process: int
    numbers: tuple[int, int]

    def end(self) -> None:
        """End everything of the job, and wait until it is gone."""
        watch.signal_to(self.first, signal.SIGKILL)
        for descriptor in (self.first, self.process):
            watch.ended(descriptor)
            os.close(descriptor)
        self.line.close()


def unavailable(what: str, told: str = "") -> SandboxUnavailable:
    """Say that no sandbox can be had, and what to do."""
    more = f" ({told})" if told else ""
    return SandboxUnavailable(
        ko=f"제출물을 격리해서 실행하려면 {what} 이상과 사용자 이름공간이 필요한데 이 컴퓨터에서 쓸 수 없습니다. `bitgoeul doctor`가 알려 주는 명령을 실행해 주십시오.{more}",
        en=f"Running submissions in isolation needs {what} or newer and user namespaces, which this machine does not offer. Run what `bitgoeul doctor` tells.{more}",
    )


class Zygote:
    """One warm process in its sandbox."""

    def __init__(self, packages: frozenset[str], *, kernel: bool = True) -> None:
        program = seccomp.filter_here()
        if program is None or launch.find_bwrap() is None:
            raise unavailable("bubblewrap 0.8")
        if (hidden := launch.hidden_python()) is not None:
            raise SandboxUnavailable(
                ko=f"파이썬이 {hidden}에 있는데, 제출물마다 /tmp와 /dev/shm을 따로 가지므로 채점에서는 보이지 않습니다. 프로젝트를 다른 폴더로 옮기십시오.",
                en=f"Python lies in {hidden}, where each submission has files of its own, so that judging cannot see it. "
                "Move the project to another folder.",
            )
        self.jobs = 0
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        info, told = os.pipe()
        with theirs:
            plan = launch.prepare(control=theirs.fileno(), info_descriptor=told)
            self._process = _starter.submit(_start, plan, (theirs.fileno(), told)).result()
        os.close(told)
        if self._process is None:
            os.close(info)
            raise unavailable("util-linux 2.36 (unshare)")
        wish = {"folder": plan.folder, "packages": sorted(packages), "kernel": kernel}
        self._control.settimeout(START_SECONDS)
        try:
            self._control.send(json.dumps({**wish, "filter": base64.b64encode(program).decode()}).encode())
            self._ready = json.loads(self._control.recv(1 << 16) or b"{}")
        except (OSError, ValueError):
            self._ready = {}
        with os.fdopen(info, "rb") as tell:
            self._first = watch.hold(tell.read()) if self._ready else None
        self._control.settimeout(FORK_SECONDS)
        if not self._ready:  # let it say why
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)
        if self._ready.get("ready") is not True:
            raise unavailable("bubblewrap 0.8", self.close())

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process is not None and self._process.poll() is None

    def descendants(self) -> dict[int, int]:
        """All processes of its sandbox, jobs' own ones included, each with its number of threads."""
        return watch.descendants(self._process.pid) if self._process is not None else {}

    def fork(self, request: Mapping[str, Any], bundle: int) -> Forked:
        """Ask for a child with that bundle of files; raise `ZygoteLost` if none comes."""
        ours, theirs = socket.socketpair()
        ours.settimeout(FORK_SECONDS)
        try:
            with theirs:
                socket.send_fds(self._control, [json.dumps(dict(request)).encode()], [theirs.fileno(), bundle])
            word, descriptors, _, _ = socket.recv_fds(ours, 1, 2)
        except OSError as error:
            ours.close()
            raise ZygoteLost(str(error)) from None
        if word != b"p" or len(descriptors) != 2:
            ours.close()
            raise ZygoteLost("no child")
        first, process = descriptors
        return Forked(ours, first, process, (_number(first), _number(process)))

    def close(self) -> str:
        """End it and everything that it started; give what it last wrote to its standard error."""
        self._control.close()
        process, self._process = self._process, None
        if process is None:
            return ""
        words = b""
        if process.stderr is not None:
            os.set_blocking(process.stderr.fileno(), False)
            words = process.stderr.read() or b""
        watch.end(process, self._first)
        return words.decode(errors="replace").strip()[-1000:]


def _number(descriptor: int) -> int:
    known = Path(f"/proc/self/fdinfo/{descriptor}").read_text()
    found = re.search(r"^Pid:\s*(\d+)$", known, re.MULTILINE)
    return int(found[1]) if found else 0


def _start(plan: launch.Launch, passed: tuple[int, int]) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(
            plan.command,
            env=plan.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=passed,
            cwd="/",
            start_new_session=True,
        )
    except OSError:
        return None


class Zygotes:
    """Keeps a few zygotes warm: one for each set of libraries, the longest unused one is ended first."""

    def __init__(self, most: int = MOST_WARM) -> None:
        self.most = most
        self._known: OrderedDict[frozenset[str], Zygote] = OrderedDict()
        self._starting: dict[frozenset[str], threading.Lock] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def use(self, packages: frozenset[str]) -> Iterator[Zygote]:
        """Hold the zygote of these libraries, so that it is not ended meanwhile."""
        zygote = self._take(packages)
        try:
            yield zygote
        finally:
            with self._lock:
                zygote.jobs -= 1

    def _take(self, packages: frozenset[str]) -> Zygote:
        with self._lock:
            starting = self._starting.setdefault(packages, threading.Lock())
        with starting:
            with self._lock:
                found = self._known.get(packages)
                if found is not None and found.alive:
                    found.jobs += 1
                    self._known.move_to_end(packages)
                    return found
            fresh = Zygote(packages)
            with self._lock:
                fresh.jobs += 1
                old = self._known.pop(packages, None)
                self._known[packages] = fresh
                ended = [*([old] if old else []), *self._too_many()]
        for zygote in ended:
            zygote.close()
        return fresh

    def _too_many(self) -> list[Zygote]:
        idle = [packages for packages, zygote in self._known.items() if zygote.jobs == 0]
        return [self._known.pop(packages) for packages in idle[: max(0, len(self._known) - self.most)]]

    def descendants(self) -> dict[int, int]:
        """All processes of all sandboxes."""
        with self._lock:
            known = list(self._known.values())
        return {process: threads for zygote in known for process, threads in zygote.descendants().items()}

    def close(self) -> None:
        """End them all."""
        with self._lock:
            ended = list(self._known.values())
            self._known.clear()
        for zygote in ended:
            zygote.close()


shared = Zygotes()
atexit.register(shared.close)
