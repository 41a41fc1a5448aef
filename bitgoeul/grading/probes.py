"""The self-test's program: it tries, inside the sandbox, what a hostile notebook would try.

It runs as a job's own process, where a notebook's cells would, and holds no import of ours. Each probe returns nothing when the sandbox held
and a sentence when it did not. Probes test reach, not effect: none does harm even where nothing holds it.
"""

from __future__ import annotations

import ctypes
import errno
import glob
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

Arguments = dict[str, Any]
MEGABYTE = 1024 * 1024
LIBC = ctypes.CDLL(None, use_errno=True)


def canary(told: Arguments) -> str | None:
    """A file of the machine, whose path we are even told."""
    try:
        with open(told["canary"]) as file:  # noqa: PTH123
            return f"read {file.name}"
    except OSError:
        return None


def environment(told: Arguments) -> str | None:
    """Variables of the service: ours, and those of every process we can see."""
    strange = sorted(set(os.environ) - set(told["variables"]))
    for path in glob.glob("/proc/[0-9]*/environ"):  # noqa: PTH207
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                names = [entry.split(b"=")[0].decode() for entry in file.read().split(b"\0") if entry]
        except OSError:
            continue
        strange += sorted(set(names) - set(told["variables"]))
    return f"saw variables {strange[:9]}" if strange else None


def processes_seen(told: Arguments) -> str | None:
    """Processes of the machine, the service among them."""
    if os.readlink("/proc/self/ns/pid") == told["pid_namespace"]:  # noqa: PTH115
        return "shares the service's numbers of processes"
    seen = glob.glob("/proc/[0-9]*")  # noqa: PTH207
    if f"/proc/{told['service']}" not in seen:  # in a container the service has a small number, and so do our own
        try:
            os.kill(told["service"], 0)
        except ProcessLookupError:
            pass
        except PermissionError:
            return "saw the service's process"
        else:
            return "could signal the service's process"
    return f"saw {len(seen)} processes" if len(seen) > 8 else None


def network(told: Arguments) -> str | None:
    """A listener on the machine's loopback, and one with an abstract name."""
    tries = ((socket.AF_INET, ("127.0.0.1", told["port"])), (socket.AF_UNIX, "\0" + told["abstract"]))
    for family, address in tries:
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(2)
            if client.connect_ex(address) == 0:
                return f"reached {address!r}"
    return None


def odd_sockets(_: Arguments) -> str | None:
    """Address families that talk to the kernel or the machine's host."""
    for family in (16, 17, 38, 40):  # NETLINK, PACKET, ALG, VSOCK
        try:
            socket.socket(family, socket.SOCK_DGRAM).close()
        except OSError:
            continue
        return f"opened a socket of family {family}"
    return None


def forks(told: Arguments) -> str | None:
    """More processes than allowed."""
    born: list[int] = []
    try:
        while len(born) < 3 * told["processes"]:
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            born.append(child)
    except OSError as error:
        if error.errno != errno.EAGAIN:
            return f"fork failed oddly: {error}"
    finally:
        for child in born:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    if not 3 <= len(born) <= told["processes"]:
        return f"started {len(born)} processes where {told['processes']} are allowed"
    return None


def memory(told: Arguments) -> str | None:
    """More memory than allowed, in one piece."""
    try:
        block = bytearray(told["memory_mb"] * 2 * MEGABYTE)
    except MemoryError:
        return None
    return f"got {len(block)} bytes"


def bytes_on_disk(told: Arguments) -> str | None:
    """More bytes than the job's folder may hold, there and in the other folders we may write to."""
    written = 0
    block = os.urandom(MEGABYTE)
    for folder in (".", "/tmp", "/dev/shm"):  # noqa: S108
        path = f"{folder}/filling"
        try:
            with open(path, "wb", buffering=0) as file:  # noqa: PTH123
                while written < 4 * told["disk_mb"] * MEGABYTE:
                    written += file.write(block)
        except OSError:
            continue
    for folder in (".", "/tmp", "/dev/shm"):  # noqa: S108
        if os.path.exists(f"{folder}/filling"):  # noqa: PTH110
            os.unlink(f"{folder}/filling")  # noqa: PTH108
    return f"wrote {written} bytes" if written > (told["disk_mb"] + 1) * MEGABYTE else None


def number_of_files(told: Arguments) -> str | None:
    """More files than the job's folder may hold."""
    made = 0
    try:
        os.mkdir("many")  # noqa: PTH102
        while made < 4 * told["max_files"]:
            os.close(os.open(f"many/{made}", os.O_CREAT | os.O_WRONLY))
            made += 1
    except OSError:
        pass
    for number in range(made):
        os.unlink(f"many/{number}")  # noqa: PTH108
    return f"made {made} files" if made > told["max_files"] + 200 else None


def writes_outside(told: Arguments) -> str | None:
    """Places that are not the job's."""
    for folder in ("/", "/usr", "/etc", "/run", "/run/bitgoeul", "/dev", "/proc", sys.prefix, sys.base_prefix):
        try:
            os.close(os.open(f"{folder}/probe", os.O_CREAT | os.O_WRONLY))
        except OSError:
            continue
        return f"wrote into {folder}"
    try:
        os.chmod(told["canary"], 0o666)  # noqa: S103, PTH101
    except OSError:
        return None
    return "changed the mode of a file of the machine"


def namespaces(_: Arguments) -> str | None:
    """A user namespace of our own, where we would be root."""
    for flag in (0x10000000, 0x00020000):  # CLONE_NEWUSER, CLONE_NEWNS
        if LIBC.unshare(flag) == 0:
            return f"made a namespace (flag {flag:#x})"
    if LIBC.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
        return "mounted a file system"
    return None


def zygote(_: Arguments) -> str | None:
    """The process that we were forked from: whether there is one to be seen, its memory and its descriptors."""
    if os.getppid():
        return f"saw its parent as process {os.getppid()}"
    for name in ("mem", "environ", "fd/0", "root/run"):  # what is first in our namespace came from there, too
        try:
            os.close(os.open(f"/proc/1/{name}", os.O_RDONLY))
        except OSError:
            continue
        return f"opened the first process's {name}"
    return "traced the first process" if LIBC.ptrace(16, 1, None, None) == 0 else None  # PTRACE_ATTACH


def privileges(_: Arguments) -> str | None:
    """Capabilities, the filter, and descriptors that were left open."""
    with open("/proc/self/status") as file:  # noqa: PTH123
        status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
    wanted = {"CapEff": 0, "CapBnd": 0, "CapPrm": 0, "NoNewPrivs": 1, "Seccomp": 2}
    odd = [name for name, value in wanted.items() if int(status[name], 16) != value]
    if os.getuid() == 0:
        odd.append("uid 0")
    left_open = [int(name) for name in os.listdir("/proc/self/fd") if int(name) > 3 and is_open(int(name))]  # noqa: PTH208
    return f"found {odd} {left_open}" if odd or left_open else None


def is_open(descriptor: int) -> bool:
    """The one by which a folder was listed is not, any more."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def devices(_: Arguments) -> str | None:
    """Devices of the machine."""
    for name in ("mem", "kmem", "kvm", "vda", "sda", "nvme0n1", "fuse", "net/tun"):
        if os.path.exists(f"/dev/{name}"):  # noqa: PTH110
            return f"saw /dev/{name}"
    return None


def daemon(told: Arguments) -> str | None:
    """A process that wants to outlive the job; whoever started us looks whether it does."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 100)
            os.execv("/usr/bin/sleep", [f"sleep for {told['abstract']}", "60"])  # noqa: S606
        os._exit(0)
    time.sleep(0.1)
    return None


PROBES: tuple[Callable[[Arguments], str | None], ...] = (
    canary, environment, processes_seen, network, odd_sockets, forks, memory, bytes_on_disk, number_of_files,
    writes_outside, namespaces, zygote, privileges, devices, daemon,
)  # fmt: skip


if "arguments" in globals():
    found = {probe.__name__: probe(globals()["arguments"]) for probe in PROBES}
