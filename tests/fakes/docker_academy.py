"""`bitgoeul up --runtime docker` on an engine of the tests: a real academy whose labs are containers."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bitgoeul.hub import processes
from tests.fakes.docker_engine import Engine
from tests.fakes.ports import free_port
from tests.fakes.visitor import Visitor


def up(root: Path, folder: Path, port: int, *options: str) -> subprocess.Popen[bytes]:
    """Run `bitgoeul up` by the folder's academy.toml, with its state beside it; return when it says its address."""
    environ = os.environ | {
        "BITGOEUL_SETTINGS": str(folder / "academy.toml"),
        "BITGOEUL_STATE": str(folder / "state"),
    }
    said = folder / "said"
    with said.open("wb") as log:
        command = [sys.executable, "-m", "bitgoeul", "up", *options, "--port", str(port)]
        process = subprocess.Popen(command, cwd=root, env=environ, stdout=log, stderr=log)
    until = time.monotonic() + 150
    while f"127.0.0.1:{port}/" not in said.read_text():
        assert process.poll() is None, said.read_text()
        if time.monotonic() > until:
            process.kill()
            raise AssertionError(said.read_text())
        time.sleep(0.2)
    return process


@dataclass
class Academy:
    """One academy; `process` is its `up`, which can be killed and started again."""

    engine: Engine
    folder: Path
    port: int
    client: Any
    process: subprocess.Popen[bytes] | None = None
    visitors: dict[str, Visitor] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def start(self, root: Path) -> None:
        """Return when it is open."""
        self.process = up(root, self.folder, self.port, "--runtime", "docker")

    def kill(self) -> None:
        """End everything but the labs at once, as a power cut of the Hub's own processes would."""
        assert self.process is not None
        self.leave()
        self.process.kill()
        self.process.wait()
        for process in processes.of_academy(self.state):
            with contextlib.suppress(Exception):  # it may have died with its parent
                process.kill()

    def leave(self) -> None:
        """Let everybody close his browser."""
        for visitor in self.visitors.values():
            visitor.http.close()
        self.visitors.clear()

    def stop(self) -> None:
        """End it in order."""
        self.leave()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(90)

    def visitor(self, user: str) -> Visitor:
        """A person, signed in."""
        if user not in self.visitors:
            self.visitors[user] = Visitor(self.address, user)
            self.visitors[user].sign_in()
        return self.visitors[user]

    def lab(self, user: str, server: str = "") -> Any:
        """Start the person's lab if it does not run, and give its container."""
        self.visitor(user).start_lab(server)
        return self.container(user)

    def container(self, user: str) -> Any | None:
        """The person's container, if one runs."""
        found = self.client.containers.list(filters={"label": f"bitgoeul.lab={user}"})
        return found[0] if found else None

    def end_lab(self, user: str) -> None:
        """Stop the person's lab and wait until its container is gone."""
        visitor = self.visitor(user)
        visitor.http.delete(
            f"/hub/api/users/{user}/server",
            headers={"X-XSRFToken": str(visitor.http.cookies.get("_xsrf", path="/hub/"))},
        )
        until = time.monotonic() + 30
        while self.client.containers.list(all=True, filters={"label": f"bitgoeul.lab={user}"}):
            assert time.monotonic() < until
            time.sleep(0.2)

    def inside(self, container: Any, program: str) -> str:
        """Run Python in a container."""
        done = container.exec_run(["python", "-c", program])
        return str(done.output.decode().strip())


@contextlib.contextmanager
def opened(engine: Engine, root: Path, folder: Path, text: str) -> Iterator[Academy]:
    """An academy by these settings, open until the end; its Hub lives in the engine's network."""
    (folder / "academy.toml").write_text(text)
    with engine.network(), engine.client() as client:
        academy = Academy(engine, folder, free_port(), client)
        try:
            academy.start(root)
            yield academy
        finally:
            academy.stop()
            for container in client.containers.list(all=True, filters={"label": "bitgoeul.lab"}):
                container.remove(force=True)
