"""The warm parent of a course's submissions, inside the sandbox: it imports once and forks a child for each of them.

It is started with nothing of ours in sight but this folder. It never runs a student's code, reads nothing that a
student's code wrote, and holds no more than an empty kernel with a course's libraries imported. Each child lives in a
process namespace of its own, whose first process only sleeps: when that is ended, everything in there ends.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import os
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from . import kernel, walls, warm
from .laying import NotLaid, unpack

SLEEP = "/usr/bin/sleep"
LINE = 3  # the one descriptor that a job has besides the usual three


def keep_only(line: int, bundle: int) -> tuple[socket.socket, BinaryIO]:
    """Close every descriptor but the usual three and the two of this job; the usual three lead nowhere."""
    high = os.dup(bundle), os.dup(line)
    os.dup2(high[1], LINE)
    os.dup2(high[0], LINE + 1)
    os.closerange(LINE + 2, 65536)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for usual in range(3):
        os.dup2(nowhere, usual)
    os.close(nowhere)
    return socket.socket(fileno=LINE), os.fdopen(LINE + 1, "rb")


class Zygote:
    """Waits for jobs and forks for each."""

    def __init__(self, control: socket.socket) -> None:
        told = json.loads(control.recv(1 << 20))
        self.control = control
        self.folder = str(told["folder"])
        self.filter = base64.b64decode(told["filter"])
        self.own = os.open("/proc/self/ns/pid", os.O_RDONLY)
        self.kernel: Any = None
        if told["kernel"]:
            self.kernel = kernel.build()
            asyncio.run(warm.warm(self.kernel, told["packages"]))
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for: a descriptor tells of their end
        gc.collect()
        gc.freeze()

    def serve(self) -> None:
        """Fork for every request until the other side is gone."""
        self.control.send(json.dumps({"ready": True, "threads": len(os.listdir("/proc/self/task"))}).encode())  # noqa: PTH208
        while True:
            data, descriptors, _, _ = socket.recv_fds(self.control, 1 << 16, 2)
            if not data:
                return
            self.start(json.loads(data), *descriptors)

    def start(self, request: dict[str, Any], line: int, bundle: int) -> None:
        """Start one job in a process namespace of its own, and tell the descriptors by which it is to be known."""
        walls.unshare(walls.NEWPID)
        first = os.posix_spawn(SLEEP, [SLEEP, "infinity"], {})
        child = os.fork()
        if child == 0:
            self.live(request, line, bundle)
        walls.set_namespace(self.own, walls.NEWPID)
        known = [os.pidfd_open(first), os.pidfd_open(child)]
        with socket.socket(fileno=line) as end:
            socket.send_fds(end, [b"p"], known)
        for descriptor in (*known, bundle):
            os.close(descriptor)

    def live(self, request: dict[str, Any], line: int, bundle: int) -> NoReturn:
        """The child's whole life."""
        begun = False
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()  # a group is signalled as a whole, whatever namespaces its members are in
            own, stream = keep_only(line, bundle)
            walls.own_files(self.folder, disk_bytes=request["disk_bytes"], files=request["files"])
            walls.own_user()
            with stream:
                job = unpack(stream, Path(self.folder))
            walls.limit(request["limits"])
            begun = own.recv(1) == b"g"  # whoever watches us is ready
            if not begun:
                os._exit(1)
            walls.give_up_privileges(self.filter)
            self.run(job, own)
        except BaseException as error:  # noqa: BLE001 (the edge of the process: it says why it ends)
            if not begun:
                os.read(LINE, 1)  # the first line is the zygote's
            told = {"failed": "".join(traceback.format_exception(error))[-2000:]}
            ours = not begun and not isinstance(error, NotLaid)  # nothing of a student's has run yet
            os.write(LINE, json.dumps({**told, "ours": ours}).encode() + b"\n")
        finally:
            os._exit(0)

    def run(self, job: dict[str, Any], line: socket.socket) -> None:
        """Run a notebook in the warm kernel or in a plain one, or the self-test's program."""
        if "program" in job:
            found: dict[str, Any] = {"arguments": job["arguments"]}
            exec(compile(job["program"], "probes", "exec"), found)  # noqa: S102 (the self-test's own)
            tell(line, probes=found["found"])
        elif job["kernel"] == "python3" and self.kernel is not None:
            kernel.run(self.kernel, job, line)
        else:
            from . import plain

            plain.run(job, line)


def tell(line: socket.socket, **message: object) -> None:
    """Send one line; whatever cannot be JSON is written as text."""
    line.sendall(json.dumps(message, default=repr, ensure_ascii=True).encode() + b"\n")


def main() -> None:
    """Be a zygote on the socket whose descriptor is the first argument."""
    Zygote(socket.socket(fileno=int(sys.argv[1]))).serve()
