"""A real academy for tests: `bitgoeul up` in a state folder and on a port of its own, and real browsers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Academy:
    """A started academy."""

    url: str
    state: Path
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> int:
        """Press Ctrl-C and wait."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@contextmanager
def started(state: Path, settings: Path | None = None, *, port: int | None = None) -> Iterator[Academy]:
    """Start an academy and wait for its sign-in page."""
    port = port or free_port()
    log = state.with_suffix(".log")
    environ = os.environ | {"BITGOEUL_STATE": str(state), "BITGOEUL_PORT": str(port)}
    if settings:
        environ["BITGOEUL_SETTINGS"] = str(settings)
    with log.open("wb") as out:
        command = [sys.executable, "-m", "bitgoeul", "up"]
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT)
        academy = Academy(f"http://127.0.0.1:{port}", state, process, log)
        try:
            wait_for(academy)
            yield academy
        finally:
            if process.poll() is None:
                academy.stop()


def wait_for(academy: Academy, seconds: float = 120) -> None:
    """Wait until the sign-in page answers; show the log when it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and academy.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{academy.url}/hub/login", timeout=5) as answer:  # noqa: S310  # our own http address
                if answer.status == 200 and "http" in academy.log.read_text():
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.3)
    raise AssertionError(f"the academy did not open:\n{academy.log.read_text()}")
