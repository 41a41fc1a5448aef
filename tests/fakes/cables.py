"""Machines of the tests get cables: a network beside a server, where people and other machines are.

What comes from there passes the server's firewall, as it does from a street. A browser inside of the server's own network
would also see each lab's device come, and break off what it loads.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager

from tests.fakes.namespaces import network_of

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_numbers = itertools.count()
Network = Callable[[], AbstractContextManager[None]]


def plug(ends: Mapping[int, str]) -> None:
    """Join the networks of two processes by one cable; each end has its address with its prefix."""
    number = next(_numbers)
    cable, name = f"cable{number}", f"bc{os.getpid() % 1_000_000}-{number}"
    _ip("link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b")
    for end, (process, address) in zip("ab", ends.items(), strict=True):
        _ip("link", "set", f"{name}{end}", "netns", str(process), "name", cable)
        inside = ["nsenter", "-t", str(process), "-n"]
        for words in (["address", "add", address, "dev", cable], ["link", "set", cable, "up"]):
            subprocess.run([*inside, "ip", *words], env={"PATH": _PATH}, check=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], env={"PATH": _PATH}, check=True)


@contextlib.contextmanager
def desk() -> Iterator[tuple[int, Network]]:
    """A network of its own for programs outside of any server: the number of who holds it, and the way in."""
    holder = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", "ip link set lo up; echo; exec sleep infinity"],
        stdout=subprocess.PIPE,
        env={"PATH": _PATH},
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield holder.pid, lambda: network_of(holder.pid)
    finally:
        holder.kill()
        holder.communicate()


@contextlib.contextmanager
def forwarded(port: int, *, listens: Network, speaks: Network) -> Iterator[None]:
    """Let 127.0.0.1:`port` of one network lead to the same of another, as a browser and a server both know a provider."""
    with listens():
        listener = socket.create_server(("127.0.0.1", port))
    threading.Thread(target=_accept, args=(listener, port, speaks), daemon=True).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _accept(listener: socket.socket, port: int, speaks: Network) -> None:
    with contextlib.suppress(OSError), speaks():
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=_carry, args=(near, far), daemon=True).start()


def _carry(near: socket.socket, far: socket.socket) -> None:
    """Carry both ways until both have said all."""
    with near, far:
        back = threading.Thread(target=_copy, args=(far, near), daemon=True)
        back.start()
        _copy(near, far)
        back.join()


def _copy(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := one.recv(1 << 16):
            other.sendall(chunk)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)
