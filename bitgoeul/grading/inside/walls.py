"""The walls around one submission, raised by the forked process itself before it runs a line of a student's code.

The zygote holds capabilities in the sandbox's own user namespace and nowhere else. Its child uses them to make its
own view of files, processes and network, then enters a user namespace of its own (so that its limit of processes
counts its own processes only), gives every capability up, and installs the filter of system calls.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from pathlib import Path

NEWNS, NEWUSER, NEWPID, NEWNET = 0x00020000, 0x10000000, 0x20000000, 0x40000000
STUDENT = 1000
_NOSUID, _NODEV, _NOEXEC, _BIND = 2, 4, 8, 4096
_SET_DUMPABLE, _SET_SECCOMP, _CAPBSET_DROP, _SET_NO_NEW_PRIVS, _CAP_AMBIENT, _CLEAR_ALL = 4, 22, 24, 38, 47, 4
_FILTER_MODE = 2
_CAPABILITY_VERSION = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the named namespaces for new ones."""
    _check(_libc.unshare(flags), f"unshare {flags:#x}")


def set_namespace(descriptor: int, kind: int) -> None:
    """Enter a namespace."""
    _check(_libc.setns(descriptor, kind), "setns")


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    words = [word.encode() for word in (source, target, kind)]
    _check(_libc.mount(*words, ctypes.c_ulong(flags), options.encode() or None), f"mount {target}")


def own_files(folder: str, *, disk_bytes: int, files: int) -> None:
    """Give the job its own folder, /tmp and /dev/shm in one small file system, and its own view of processes."""
    unshare(NEWNS | NEWNET)
    _mount("job", "/tmp", "tmpfs", _NOSUID | _NODEV, f"size={disk_bytes},nr_inodes={files},mode=0755")  # noqa: S108
    for name in ("shm", "work", "tmp"):
        Path(f"/tmp/{name}").mkdir(mode=0o700)  # noqa: S108
    for name, target in (("shm", "/dev/shm"), ("work", folder), ("tmp", "/tmp")):  # noqa: S108
        _mount(f"/tmp/{name}", target, "", _BIND)  # noqa: S108
    _mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    os.chdir(folder)


def own_user() -> None:
    """Enter a user namespace of our own, as an ordinary user."""
    user, group = os.getuid(), os.getgid()
    unshare(NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{STUDENT} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{STUDENT} {group} 1")
    Path("/proc/sys/user/max_user_namespaces").write_text("0")  # below this one there will be no other


def limit(limits: dict[str, int]) -> None:
    """Set what one process may use; the sum over all of them is watched from outside."""
    megabyte = 1024 * 1024
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_DATA, limits["memory_mb"] * megabyte),
        (resource.RLIMIT_FSIZE, limits["disk_mb"] * megabyte),
        (resource.RLIMIT_CPU, limits["total_seconds"] + 10),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_NOFILE, 512),
    ):
        resource.setrlimit(what, (most, most))


def give_up_privileges(program: bytes) -> None:
    """Drop every capability for good and let the kernel refuse what the filter names."""
    for capability in range(64):
        if _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # the kernel knows no more of them
    _check(_libc.prctl(_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0), "ambient capabilities")
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    _check(_libc.capset(header, bytes(24)), "capset")
    _check(_libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    steps = ctypes.create_string_buffer(program, len(program))
    program_head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    _check(_libc.prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.c_char_p(program_head), 0, 0), "seccomp")
