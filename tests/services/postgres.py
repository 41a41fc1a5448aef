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

from tests.fakes.ports import free_port


def binary(name: str) -> str:
    """Where a PostgreSQL program lies: Debian keeps the server's outside PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: float(p.parts[-3]))
    return str(versions[-1]) if versions else shutil.which(name) or name


@dataclass
class Server:
    """One server on one folder. It can be killed and started again."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://academy@127.0.0.1:{self.port}/postgres"

    def _command(self, *command: str) -> list[str]:
        """PostgreSQL refuses to run as root. It ends with the thread that started it, so a killed test leaves none."""
        user = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        return ["setpriv", *user, "--pdeathsig", "QUIT", *command]

    def create(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody", "nogroup")
        command = self._command(binary("initdb"), "-D", str(self.data), "-A", "trust", "-U", "academy")
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)

    def start(self, seconds: float = 60.0) -> None:
        """Start it and wait; after a kill, its orphans have to be gone first."""
        until = time.monotonic() + seconds
        while not self._started():
            assert time.monotonic() < until, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.1)

    def _started(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=60")
            options = [part for setting in settings for part in ("-c", setting)]
            command = self._command(binary("postgres"), "-D", str(self.data), "-p", str(self.port), *options)
            with (self.folder / "log").open("ab") as log:
                self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        ready = [binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def kill(self) -> None:
        """As a crash of its machine would end it."""
        self.stop(signal.SIGKILL)

    def stop(self, how: int = signal.SIGQUIT) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None


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
