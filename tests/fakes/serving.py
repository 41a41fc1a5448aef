"""Lets an app of this process be reached over HTTP, for browsers and clients that know nothing else."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager

import uvicorn

from tests.fakes.academy import PREFIX


@contextmanager
def listening(app):
    """Let the app listen on a free port of loopback."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [held]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{held.getsockname()[1]}{PREFIX}"
    finally:
        server.should_exit = True
        thread.join(10)
        held.close()
