"""A swarm of two engines of the tests' own: each in a network namespace, joined by one cable, gone without a trace.

Each engine has its own host name, mounts and network, so that to Swarm it is a machine. `h1` manages, and the Hub runs
in its network; `h2` only works, and can die as by a power cut.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.fakes.docker_engine import PATH, Engine, short_folder

ADDRESSES = {"h1": "10.77.0.1", "h2": "10.77.0.2"}
_NUMBERS = itertools.count()


class Node(Engine):
    """One machine of the swarm."""

    def __init__(self, folder: Path, name: str, devices: Sequence[str] = ()) -> None:
        super().__init__(folder)
        self.name = name
        self.address = ADDRESSES[name]
        self.devices = tuple(devices)
        self.cable = ""
        self._kept = -1

    def start(self) -> None:
        """Start the engine under its own host name; wait until it answers."""
        arguments = [
            f"--data-root={self.folder / 'data'}",
            f"--exec-root={self.folder / 'exec'}",
            f"--pidfile={self.folder / 'pid'}",
            f"--host={self.url}",
            "--bridge=none",
            *(f"--node-generic-resource={device}=1" for device in self.devices),
        ]
        program = f'hostname {self.name} && mount -t tmpfs none /run && ip link set lo up && exec dockerd "$@"'
        with (self.folder / "log").open("wb") as log:
            shell = ["setpriv", "--pdeathsig", "TERM", "sh", "-c", program, "dockerd", *arguments]
            self.process = subprocess.Popen(
                ["unshare", "--net", "--mount", "--uts", *shell],
                env=os.environ | {"PATH": PATH},
                stdout=log,
                stderr=log,
            )
        self.wait_until_up()

    def wait_until_up(self) -> None:
        for _ in range(300):
            if self.socket.exists():
                with contextlib.suppress(Exception), self.client() as client:
                    if client.ping():
                        return
            time.sleep(0.1)
        raise AssertionError(f"dockerd does not start: {(self.folder / 'log').read_text()[-2000:]}")

    def inside(self, *command: str, text: str = "") -> str:
        """Run a command in this machine's network."""
        assert self.process is not None
        done = subprocess.run(
            ["nsenter", "-t", str(self.process.pid), "-n", *command],
            env=os.environ | {"PATH": PATH, "DOCKER_HOST": self.url},
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    def plug_in(self, cable: str) -> None:
        """Take one end of the cable."""
        assert self.process is not None
        self.cable = cable
        # A network that nobody is in any more takes the other machine's end of the cable with it.
        self._kept = os.open(f"/proc/{self.process.pid}/ns/net", os.O_RDONLY)
        subprocess.run(["ip", "link", "set", cable, "netns", str(self.process.pid)], env={"PATH": PATH}, check=True)
        self.inside("ip", "address", "add", f"{self.address}/24", "dev", cable)
        self.inside("ip", "link", "set", cable, "up")

    def die(self) -> None:
        """Lose power: no goodbye, and nothing of it goes on."""
        self.inside("ip", "link", "set", self.cable, "down")
        self._kill()

    def _kill(self) -> None:
        engines = [psutil.Process(pid) for pid in self.left_processes()]
        labs = [child for engine in engines for child in engine.children(recursive=True)]
        for process in {one.pid: one for one in (*engines, *labs)}.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)

    def stop(self) -> None:
        """End the engine at once: what it mounted was in a namespace of its own, and its folder is thrown away."""
        assert self.process is not None
        self._kill()
        self.process.wait(10)
        super().stop()
        if self._kept >= 0:
            os.close(self._kept)


@dataclass
class Cluster:
    """Two machines that are one swarm."""

    h1: Node
    h2: Node

    @property
    def nodes(self) -> tuple[Node, Node]:
        return self.h1, self.h2

    def join(self) -> None:
        cable = f"bg{os.getpid() % 100000}-{next(_NUMBERS)}"
        command = ["ip", "link", "add", f"{cable}a", "type", "veth", "peer", "name", f"{cable}b"]
        subprocess.run(command, env={"PATH": PATH}, check=True)
        self.h1.plug_in(f"{cable}a")
        self.h2.plug_in(f"{cable}b")
        with self.h1.client() as manager, self.h2.client() as worker:
            manager.swarm.init(advertise_addr=self.h1.address, listen_addr=self.h1.address)
            token = manager.swarm.attrs["JoinTokens"]["Worker"]
            worker.swarm.join([f"{self.h1.address}:2377"], token, advertise_addr=self.h2.address)
            for node in manager.nodes.list():
                node.update({**node.attrs["Spec"], "Labels": {"bitgoeul.labs": "yes"}})

    def load(self, archive: Path) -> None:
        """Carry images to both machines, as an operator without a registry does."""
        commands = [["docker", "--host", node.url, "load", "--quiet", "--input", str(archive)] for node in self.nodes]
        running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
        assert [process.wait() for process in running] == [0, 0]

    def tasks(self) -> list[dict[str, Any]]:
        """Every task that the manager knows."""
        with self.h1.client() as client:
            return list(client.api.tasks())

    def where(self, user: str) -> str:
        """Name the machine on which a person's lab runs."""
        for node in self.nodes:
            if self.container(node, user) is not None:
                return node.name
        raise AssertionError(f"{user} has no lab")

    def container(self, node: Node, user: str) -> str | None:
        """Give the id of a person's container on a machine."""
        assert node.process is not None
        if node.process.poll() is not None:
            return None
        with node.client() as client:
            found = client.containers.list(filters={"label": f"bitgoeul.lab={user}"})
            return str(found[0].id) if found else None

    def run(self, user: str, program: str) -> str:
        """Run Python in a person's lab."""
        node = next(node for node in self.nodes if node.name == self.where(user))
        with node.client() as client:
            container = client.containers.get(self.container(node, user))
            return str(container.exec_run(["python", "-c", program]).output.decode().strip())


@contextlib.contextmanager
def cluster(devices: dict[str, Sequence[str]]) -> Iterator[Cluster]:
    """Two machines, of which each has these devices; nothing of them is left."""
    found = Cluster(*(Node(short_folder(), name, devices.get(name, ())) for name in ("h1", "h2")))
    begun: list[Node] = []
    try:
        for node in found.nodes:
            begun.append(node)
            node.start()
        found.join()
        yield found
    finally:
        for node in reversed(begun):
            node.stop()


def saved(engine: Engine, name: str) -> Path:
    """Save an image of the session's engine into a file."""
    with tempfile.NamedTemporaryFile(suffix=".tar", delete=False) as file, engine.client() as client:
        for chunk in client.images.get(name).save(named=True):
            file.write(chunk)
    return Path(file.name)
