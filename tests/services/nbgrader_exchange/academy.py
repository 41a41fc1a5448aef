"""A real service process with a Hub beside it: what a lab's tests speak to.

The Hub is the fake that keeps JupyterHub's contract; the service is `bitgoeul serve` in a process of its
own, so that it can be killed and started again on the same state.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import multiprocessing.context
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.fakes.hub import SERVICE_TOKEN, FakeHub
from tests.fakes.ports import free_port, listening

ROOT = Path(__file__).resolve().parents[3]
PREFIX = "/services/bitgoeul/"
SERVE = [sys.executable, "-m", "bitgoeul", "serve"]


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

    @property
    def environ(self) -> dict[str, str]:
        return {
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

    def start(self) -> None:
        with (self.folder / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                SERVE, cwd=self.folder, env=self.environ, stdout=log, stderr=log, start_new_session=True
            )
        self._wait(self.process.poll)

    def _wait(self, ended: Callable[[], int | None]) -> None:
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            if ended() is not None:
                raise AssertionError(f"the service ended with {ended()}:\n{self.log}")
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


_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["bitgoeul.cli.serve", "bitgoeul.app", "bitgoeul.migrations"])


def _serve(folder: Path, environ: dict[str, str]) -> None:
    """What `bitgoeul serve` does, in a process that was forked from one with the imports done."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    log = os.open(folder / "service.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    importlib.import_module("bitgoeul.cli.serve").serve()


class QuickService(Service):
    """The same in a forked process: where each test needs a service of its own, imports are most of its start."""

    fork: multiprocessing.context.ForkServerProcess | None = None

    def start(self) -> None:
        fork = self.fork = _forks.Process(target=_serve, args=(self.folder, self.environ))
        fork.start()
        self._wait(lambda: fork.exitcode)

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.fork is None or self.fork.pid is None:
            return
        pid = self.fork.pid
        os.kill(pid, how)
        self.fork.join(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        self.fork.close()
        self.fork = None


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
