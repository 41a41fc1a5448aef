"""A Docker engine of the tests' own: in a network namespace, with its own folders, and gone without a trace.

Bridges and firewall rules are made inside the namespace, so the machine's own engine and network never see them.
`with engine.network():` puts the calling thread into it: what is started there reaches containers, and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.fakes import docker_images
from tests.fakes.namespaces import network_of

PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"


def needed() -> None:
    """Root and the programs; else a skip, which is a failure in CI."""
    missing = [name for name in ("dockerd", "debootstrap", "iptables", "ip") if shutil.which(name, path=PATH) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"this needs root and {missing or 'a Docker engine'} (make system-packages)")


def short_folder() -> Path:
    """A folder whose name leaves room: the path of a unix socket may have 107 letters, and containerd's go deep."""
    return Path(tempfile.mkdtemp(prefix="engine-"))


HOOK = """#!/usr/bin/python3
import json, os, sys
state = json.load(sys.stdin)
with open(os.path.join(state["bundle"], "config.json")) as file:
    variables = dict(one.split("=", 1) for one in json.load(file)["process"]["env"])
with open({given!r}, "a") as log:
    log.write(json.dumps([state["id"], variables.get("NVIDIA_VISIBLE_DEVICES", "")]) + chr(10))
"""
"""Stands where NVIDIA's own hook does: the engine finds it on its PATH and runs it before a container's program."""


class Engine:
    """One dockerd; `folder` holds all that it writes. It believes that it has NVIDIA's container toolkit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "docker.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start and wait until it answers. Network rules come with the namespace and go with it."""
        arguments = [
            f"--data-root={self.folder / 'data'}",
            f"--exec-root={self.folder / 'exec'}",
            f"--pidfile={self.folder / 'pid'}",
            f"--host={self.url}",
            "--bridge=none",
        ]
        hook = self.folder / "nvidia" / "nvidia-container-runtime-hook"
        hook.parent.mkdir()
        hook.write_text(HOOK.format(given=str(self.folder / "given")))
        hook.chmod(0o755)
        program = 'ip link set lo up && exec dockerd "$@"'
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "--net", "setpriv", "--pdeathsig", "TERM", "sh", "-c", program, "dockerd", *arguments],
                env=os.environ | {"PATH": f"{hook.parent}:{PATH}"},
                stdout=log,
                stderr=log,
            )
        for _ in range(300):
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as trial:
                trial.connect(str(self.socket))
                trial.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                if b"200 OK" in trial.recv(100):
                    return
            time.sleep(0.1)
        raise AssertionError(f"dockerd does not start: {(self.folder / 'log').read_text()[-2000:]}")

    def given(self) -> dict[str, str]:
        """Say what the toolkit's hook was told to give to each container, by its id."""
        log = self.folder / "given"
        return dict(map(json.loads, log.read_text().splitlines())) if log.exists() else {}

    @contextlib.contextmanager
    def client(self) -> Iterator[Any]:
        """Give docker's own client, straight to the engine."""
        client = docker.DockerClient(base_url=self.url, version="auto", timeout=300)
        try:
            yield client
        finally:
            client.close()

    def network(self) -> AbstractContextManager[None]:
        """Put this thread, and the processes that it starts, into the engine's network."""
        assert self.process is not None
        return network_of(self.process.pid)

    def stop(self) -> None:
        """End the engine with all containers; nothing of it stays mounted or running."""
        assert self.process is not None
        if self.process.poll() is None:
            with contextlib.suppress(docker.errors.DockerException), self.client() as client:
                for container in client.containers.list(all=True):
                    container.remove(force=True)
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        for pid in self.left_processes():
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)
        for mount in self.left_mounts():
            subprocess.run(["umount", "--lazy", mount], check=False)
        shutil.rmtree(self.folder)

    def left_processes(self) -> list[int]:
        """Name the processes that carry our folder in their command line: engine, containerd, shims."""
        found = []
        for line in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if str(self.folder).encode() in line.read_bytes() and int(line.parent.name) != os.getpid():
                    found.append(int(line.parent.name))
        return found

    def left_mounts(self) -> list[str]:
        """Name what is mounted below our folder, the deepest first."""
        mounts = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
        return sorted((mount for mount in mounts if mount.startswith(str(self.folder))), reverse=True)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The session's engine."""
    needed()
    engine = Engine(short_folder())
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def images(engine: Engine, root: Path, tmp_path_factory: pytest.TempPathFactory) -> docker_images.Built:
    """The images `base`, `notebook` and `grader`, built once a session with neither a registry nor a network."""
    return docker_images.build(engine.url, root, tmp_path_factory.mktemp("images"), ["notebook", "grader"])
