"""A real service process with a Hub beside it: what a lab's tests speak to.

The Hub is the fake that keeps JupyterHub's contract; the service is `bitgoeul serve` in a process of its
own, so that it can be killed and started again on the same state.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from tests.fakes.hub import SERVICE_TOKEN, FakeHub

ROOT = Path(__file__).resolve().parents[3]
PREFIX = "/services/bitgoeul/"
SERVE = [sys.executable, "-m", "bitgoeul", "serve"]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def listening(hub: FakeHub) -> Iterator[str]:
    """Let the fake Hub listen on loopback; gives the URL of its API."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(hub.app(), port=port, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/hub/api"
    finally:
        server.should_exit = True
        thread.join(10)


class Service:
    """`bitgoeul serve` on a state folder. `extra` is more of academy.toml."""

    def __init__(self, folder: Path, hub_api: str, extra: str = "") -> None:
        self.folder = folder
        self.hub_api = hub_api
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "academy.toml").write_text(f'[academy]\ncurriculum = "curriculum"\n{extra}\n')
        (folder / "curriculum").mkdir(exist_ok=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    @property
    def log(self) -> str:
        return (self.folder / "service.log").read_text(errors="replace")

    def start(self) -> None:
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTERHUB", "BITGOEUL"))},
            "PYTHONPATH": str(ROOT),
            "BITGOEUL_SETTINGS": str(self.folder / "academy.toml"),
            "BITGOEUL_STATE": str(self.folder / "state"),
            "JUPYTERHUB_API_URL": self.hub_api,
            "JUPYTERHUB_API_TOKEN": SERVICE_TOKEN,
            "JUPYTERHUB_SERVICE_NAME": "bitgoeul",
            "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{self.port}{PREFIX}",
            "JUPYTERHUB_BASE_URL": "/",
        }
        with (self.folder / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                SERVE, cwd=self.folder, env=environ, stdout=log, stderr=log, start_new_session=True
            )
        self._wait()

    def _wait(self) -> None:
        assert self.process is not None
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            if self.process.poll() is not None:
                raise AssertionError(f"the service ended with {self.process.returncode}:\n{self.log}")
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}api/receipt-key", timeout=5).close()  # noqa: S310  # our own
                return
            time.sleep(0.05)
        raise AssertionError(f"the service does not answer:\n{self.log}")

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End the service and what it started."""
        if self.process is None:
            return
        self.process.send_signal(how)
        self.process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process = None


@contextlib.contextmanager
def serving(folder: Path, hub: FakeHub, extra: str = "") -> Iterator[Service]:
    """A started service with its Hub."""
    with listening(hub) as api:
        service = Service(folder, api, extra)
        try:
            service.start()
            yield service
        finally:
            service.stop()
