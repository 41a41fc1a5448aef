"""A judge behind a unix socket: in a locked-down container that has no network, this is the only way in or out.

Each connection carries one request and one answer, both with their length before them. Neither side unpickles
anything, and the judge keeps nothing: a container that dies loses no more than what it was judging, which is then
judged again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from bitgoeul.errors import GradersAway, InputError
from bitgoeul.grading import requests
from bitgoeul.grading.engine import Judged
from bitgoeul.grading.requests import Request

log = logging.getLogger(__name__)
_LENGTH = 8
MOST_BYTES = 4_000_000_000


class Box:
    """The judge's side of the socket."""

    def __init__(self, path: Path, judge: Callable[[Request], Judged], places: int) -> None:
        self._judge = judge
        self._threads = ThreadPoolExecutor(places, "judge")
        self._listener = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()  # of a judge that was killed
        before = os.umask(0o177)
        try:
            self._listener.bind(str(path))
        except OSError as error:
            self.close()
            raise InputError(
                ko=f"{path}에 소켓을 만들 수 없습니다: {error.strerror}. 이 사용자가 쓸 수 있는 폴더이고 이름이 107바이트보다 짧은지 확인해 주십시오.",
                en=f"No socket can be made at {path}: {error.strerror}. The folder has to be one that this user may write to, and the name shorter than 107 bytes.",
            ) from error
        finally:
            os.umask(before)
        self._listener.listen(1000)

    def serve(self) -> None:
        """Judge until closed."""
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                self._threads.submit(self._answer, line)

    def _answer(self, line: socket.socket) -> None:
        try:
            with line:
                send(line, requests.answer(receive(line), self._judge))
        except OSError as error:  # the service is gone; it will ask again
            log.warning("an answer was not taken: %s", error)

    def close(self) -> None:
        """Take no more; what is being judged is not waited for."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads.shutdown(wait=False, cancel_futures=True)


class BoxPool:
    """The service's side: an executor whose work is done behind the socket."""

    def __init__(self, path: Path, *, workers: int = 0) -> None:
        self._path = path
        self._threads = ThreadPoolExecutor(workers or os.cpu_count() or 1, "box")
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def submit(self, request: Request) -> Future[Judged]:
        """Judge it when a thread is free; raise `GradersAway` where nobody listens."""
        return self._threads.submit(self._ask, request)

    def _ask(self, request: Request) -> Judged:
        with socket.socket(socket.AF_UNIX) as line:
            with self._lock:
                self._open.add(line)
            try:
                line.connect(str(self._path))
                send(line, request.pack())
                return requests.judged_from(receive(line))
            except OSError as error:
                raise away(self._path, error) from error
            finally:
                with self._lock:
                    self._open.discard(line)

    def close(self) -> None:
        """Ask no more; who waits for an answer is told that there will be none."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for line in self._open:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)


def away(path: Path, error: OSError) -> GradersAway:
    """The one sentence for a judge that cannot be reached."""
    return GradersAway(
        ko=f"채점 컨테이너와 연결되지 않습니다({path}: {error.strerror or error}). 제출물은 안전하고, 컨테이너가 뜨면 저절로 채점됩니다.",
        en=f"The container that judges cannot be reached ({path}: {error.strerror or error}). The submission is safe and is judged as soon as it is there.",
    )


def send(line: socket.socket, data: bytes) -> None:
    """Send bytes with their length before them."""
    line.sendall(len(data).to_bytes(_LENGTH))
    line.sendall(data)


def receive(line: socket.socket) -> bytes:
    """Receive what `send` sent; raise `ConnectionError` when it does not come whole."""
    length = int.from_bytes(_exactly(line, _LENGTH))
    if length > MOST_BYTES:
        raise ConnectionError(f"a message of {length} bytes")
    return _exactly(line, length)


def _exactly(line: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        chunk = line.recv(min(length - len(data), 1 << 20))
        if not chunk:
            raise ConnectionError("the connection ended in the middle")
        data += chunk
    return bytes(data)
