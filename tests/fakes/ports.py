"""Ports of loopback, and the fake Hub listening on one."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn

from tests.fakes.hub import FakeHub


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def listening(hub: FakeHub) -> Iterator[str]:
    """Let the fake Hub listen on loopback; gives its API's URL."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(hub.app(), port=port, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}/hub/api"
    finally:
        server.should_exit = True
        thread.join(10)
