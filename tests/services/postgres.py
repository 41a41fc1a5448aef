"""A PostgreSQL server of our own, in a temporary folder, started as a user without privileges."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.services.exchange_service import free_port


def binary(name: str) -> str:
    """Where a PostgreSQL program lies: Debian keeps the server's outside PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: float(p.parts[-3]))
    return str(versions[-1]) if versions else shutil.which(name) or name


@dataclass
class Server:
    """One server on one folder. It can be killed and started again."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://academy@127.0.0.1:{self.port}/postgres"

    def _run(self, *command: str) -> bool:
        """PostgreSQL refuses to run as root."""
        user = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.run([*user, *command], cwd=self.folder, check=False, **quiet).returncode == 0

    def create(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody")
        assert self._run(binary("initdb"), "-D", str(self.folder / "data"), "-A", "trust", "-U", "academy")

    def start(self, seconds: float = 60.0) -> None:
        """Start it; after a kill, its orphans have to be gone first."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60"
        until = time.monotonic() + seconds
        while not self._run(*self._control, "-l", str(self.folder / "log"), "-o", options, "start"):
            assert time.monotonic() < until, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.1)

    def kill(self) -> None:
        """As a crash of its machine would end it."""
        os.kill(int((self.folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def stop(self) -> None:
        self._run(*self._control, "-m", "immediate", "stop")

    @property
    def _control(self) -> tuple[str, ...]:
        return (binary("pg_ctl"), "-D", str(self.folder / "data"), "-w", "-s")


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """A running server."""
    folder = Path(tempfile.mkdtemp(prefix="bitgoeul-pg-"))
    found = Server(folder)
    try:
        found.create()
        found.start()
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)
