"""A PostgreSQL server of our own, in a temporary folder, started as a user without privileges."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.services.exchange_service import free_port


def binary(name: str) -> str:
    """Where a PostgreSQL program lies: Debian keeps the server's outside PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: float(p.parts[-3]))
    return str(versions[-1]) if versions else name


def _as_nobody(command: list[str]) -> list[str]:
    """The server refuses to run as root."""
    return ["runuser", "-u", "nobody", "--", *command] if os.geteuid() == 0 else command


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A running server; gives the URL of its database `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="bitgoeul-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    data, port = folder / "data", free_port()
    quiet = {"cwd": folder, "check": True, "capture_output": True}
    subprocess.run(_as_nobody([binary("initdb"), "-D", str(data), "-A", "trust", "-U", "academy"]), **quiet)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60"
    control = [binary("pg_ctl"), "-D", str(data), "-w", "-s"]
    start = [*control, "-l", str(folder / "log"), "-o", options, "start"]
    subprocess.run(_as_nobody(start), cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"postgresql+psycopg://academy@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(_as_nobody([*control, "-m", "immediate", "stop"]), **quiet)
        shutil.rmtree(folder)
