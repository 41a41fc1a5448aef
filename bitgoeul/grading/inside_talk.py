"""Carries questions and answers between the checker outside and the student's process, inside the sandbox.

`inside_notebook.py` loads this file after all cells have run. The student's process never holds the line to the
outside. To each question there is exactly one answer, and where none comes in time it is `lost`.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Say = Callable[..., None]
HEADER = struct.Struct(">II")
LARGEST = 32_000_000
GRACE_SECONDS = 3.0
CONNECT_SECONDS = 20.0
SIGN_OF_LIFE_SECONDS = 5.0
PLACE = "/tmp/.checker"  # noqa: S108 (the job's own)
START = """__import__("runpy").run_path({program!r})["serve"]({place!r}, get_ipython(), {folder!r})"""


class Gone(Exception):
    """One side has closed its end, or did not answer in time."""


def receive(line: socket.socket, count: int, until: float) -> bytes:
    """Read exactly that many bytes."""
    data = bytearray()
    while len(data) < count:
        if not select.select([line], [], [], max(0.0, until - time.monotonic()))[0]:
            raise Gone("timeout")
        chunk = line.recv(min(count - len(data), 1 << 20))
        if not chunk:
            raise Gone("ended")
        data += chunk
    return bytes(data)


async def connect(client: Any) -> socket.socket | None:
    """Have the agent started in the kernel, and wait for it; it may also be that it cannot be started."""
    program = str(Path(__file__).with_name("inside_agent.py"))
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(PLACE)
        door.listen(1)
        code = START.format(program=program, place=PLACE, folder=str(Path.cwd()))
        sent = client.execute(code, silent=True, store_history=False, allow_stdin=False)
        until = time.monotonic() + CONNECT_SECONDS
        while time.monotonic() < until:
            if select.select([door], [], [], 0.05)[0]:
                return door.accept()[0]
            with contextlib.suppress(Exception):  # no reply yet, or one that nobody can read
                reply = await client.get_shell_msg(timeout=0.05)
                if reply["parent_header"].get("msg_id") == sent:
                    return None
    return None


def ask(kernel: socket.socket, head: bytes, question: bytes) -> bytes:
    """Pass one question on; raise `Gone` where no answer comes."""
    until = time.monotonic() + HEADER.unpack(head)[1] / 1000 + GRACE_SECONDS
    kernel.settimeout(max(1.0, until - time.monotonic()))
    try:
        kernel.sendall(head + question)
        length = HEADER.unpack(receive(kernel, HEADER.size, until))[0]
        if length > LARGEST:
            raise Gone("ended")
        return receive(kernel, length, until)
    except TimeoutError:
        raise Gone("timeout") from None
    except OSError:
        raise Gone("ended") from None


def carry(line: socket.socket, kernel: socket.socket | None, say: Say) -> None:
    """Carry until the checker has no more questions."""
    lost = b'{"k": "lost", "why": "silent"}'
    answer = b'{"k": "ready"}' if kernel else lost
    told = time.monotonic()
    while True:
        line.sendall(HEADER.pack(len(answer), 0) + answer)
        while not select.select([line], [], [], SIGN_OF_LIFE_SECONDS)[0]:
            say(waiting=True)
        if time.monotonic() > told + 1:
            told = time.monotonic()
            say(answering=True)
        head = receive(line, HEADER.size, time.monotonic() + GRACE_SECONDS)
        question = receive(line, HEADER.unpack(head)[0], time.monotonic() + 60)
        if kernel is None:
            answer = lost
            continue
        try:
            answer = ask(kernel, head, question)
        except Gone as gone:
            kernel, lost = None, b'{"k": "lost", "why": "%s"}' % str(gone).encode()
            answer = lost


async def talk(client: Any, descriptor: int, say: Say) -> None:
    """Serve the checker at the other end of the descriptor."""
    kernel = await connect(client)
    with socket.socket(fileno=os.dup(descriptor)) as line, contextlib.suppress(Gone, OSError):
        carry(line, kernel, say)
