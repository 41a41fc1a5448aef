"""A scheduler and workers as real processes that can be killed and started again."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bitgoeul.grading.keys import ClusterKeys, ensure_cluster_keys
from tests.fakes.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Member:
    """One process of the cluster. Start it from the thread that outlives it: it ends with that thread."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", *self.command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def kill(self, how: int = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None


@dataclass
class Cluster:
    """The members by name, and what others need to find them."""

    folder: Path
    port: int = field(default_factory=free_port)
    members: dict[str, Member] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"tls://127.0.0.1:{self.port}"

    @property
    def keys(self) -> ClusterKeys:
        return ensure_cluster_keys(self.folder / "keys")

    def add(self, name: str, *command: str) -> Member:
        member = Member(name, list(command), self.folder / f"{name}.log")
        self.members[name] = member
        member.start()
        return member

    def add_scheduler(self) -> Member:
        keys = str(self.keys.key.parent)
        return self.add(
            "scheduler", "bitgoeul", "scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--keys", keys
        )

    def add_exec_worker(self, name: str, *, threads: int = 2, seconds: float = 0.0) -> Member:
        keys = str(self.keys.key.parent)
        return self.add(name, "tests.fakes.exec_engine", self.address, keys, str(threads), str(seconds))

    def add_worker(self, name: str, *options: str) -> Member:
        keys = str(self.keys.key.parent)
        return self.add(name, "bitgoeul", "worker", "--scheduler", self.address, "--keys", keys, *options)

    @property
    def logs(self) -> str:
        return "\n".join(f"== {name}\n{m.log.read_text(errors='replace')[-3000:]}" for name, m in self.members.items())


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster with a scheduler and no workers yet; none of its processes is left afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    found = Cluster(folder)
    try:
        found.add_scheduler()
        yield found
    finally:
        for member in found.members.values():
            member.kill()
