"""The system calls that a sandbox refuses, as a classic-BPF program for the kernel's seccomp filter.

A filter is a list of 8-byte instructions that the kernel runs on `struct seccomp_data` before each
system call: the call's number at offset 0, the architecture at 4, six 64-bit arguments from 16. We refuse
kinds rather than single calls: everything that makes namespaces or mounts, looks into other processes,
loads code into the kernel, keeps memory where nobody counts it, or opens an address family that a notebook has no
use for.
The layout is that of linux/filter.h and linux/seccomp.h.
"""

from __future__ import annotations

import errno
import platform
import struct
from dataclasses import dataclass

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_X32 = 0x40000000  # the second table of system calls of x86-64; nothing uses it
_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
_TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX

# Numbers from 424 on are the same on every architecture.
_COMMON = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443,
    "memfd_secret": 447, "statmount": 457, "listmount": 458, "open_tree_attr": 467,
}  # fmt: skip
_X86_64 = {
    "shmget": 29, "shmat": 30, "shmctl": 31, "shmdt": 67, "semget": 64, "semop": 65, "semctl": 66, "semtimedop": 220,
    "msgget": 68, "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "ptrace": 101, "syslog": 103, "ustat": 136, "sysfs": 139,
    "vhangup": 153, "modify_ldt": 154, "pivot_root": 155, "_sysctl": 156, "adjtimex": 159, "chroot": 161, "acct": 163,
    "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169,
    "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "create_module": 174, "init_module": 175,
    "delete_module": 176, "get_kernel_syms": 177, "query_module": 178, "quotactl": 179, "nfsservctl": 180,
    "lookup_dcookie": 212, "memfd_create": 319, "clock_settime": 227, "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250,
    "migrate_pages": 256, "unshare": 272, "move_pages": 279, "perf_event_open": 298, "fanotify_init": 300,
    "name_to_handle_at": 303, "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310,
    "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "kexec_file_load": 320, "bpf": 321,
    "userfaultfd": 323,
}  # fmt: skip
_AARCH64 = {
    "lookup_dcookie": 18, "memfd_create": 279, "umount2": 39, "mount": 40, "pivot_root": 41, "nfsservctl": 42, "chroot": 51,
    "vhangup": 58, "quotactl": 60, "acct": 89, "unshare": 97, "kexec_load": 104, "init_module": 105,
    "delete_module": 106, "clock_settime": 112, "syslog": 116, "ptrace": 117, "reboot": 142, "sethostname": 161,
    "setdomainname": 162, "settimeofday": 170, "adjtimex": 171, "msgget": 186, "msgctl": 187, "msgrcv": 188,
    "msgsnd": 189, "semget": 190, "semctl": 191, "semtimedop": 192, "semop": 193, "shmget": 194, "shmctl": 195,
    "shmat": 196, "shmdt": 197, "add_key": 217, "request_key": 218, "keyctl": 219, "swapon": 224, "swapoff": 225,
    "migrate_pages": 238, "move_pages": 239, "perf_event_open": 241, "fanotify_init": 262,
    "name_to_handle_at": 264, "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268, "process_vm_readv": 270,
    "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "bpf": 280, "userfaultfd": 282,
    "kexec_file_load": 294,
}  # fmt: skip


@dataclass(frozen=True)
class Machine:
    """What differs between processors: the kernel's name for them and the numbers of system calls."""

    architecture: int
    refused: dict[str, int]
    clone: int
    socket: int
    ioctl: int
    clone3: int = 435


MACHINES = {
    "x86_64": Machine(0xC000003E, _X86_64 | _COMMON, clone=56, socket=41, ioctl=16),
    "aarch64": Machine(0xC00000B7, _AARCH64 | _COMMON, clone=220, socket=198, ioctl=29),
}


def _step(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)


def _answer(error: int) -> bytes:
    return _step(_RETURN, _ERRNO | error)


def _on_number(number: int, body: list[bytes]) -> list[bytes]:
    """Run the body for one system call; the body always returns."""
    return [_step(_EQUAL, number, 0, len(body)), *body]


def assemble(machine: Machine) -> bytes:
    """Build the filter: ENOSYS for clone3 (the C library then uses clone, whose flags can be read)."""
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, machine.architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, _X32, 0, 1),
        _answer(errno.ENOSYS),
    ]
    steps += _on_number(machine.clone3, [_answer(errno.ENOSYS)])
    steps += _on_number(
        machine.clone,
        [_step(_LOAD, _FIRST), _step(_ANY_BIT, _NAMESPACES, 0, 1), _answer(errno.EPERM), _step(_RETURN, _ALLOW)],
    )
    families = [_step(_EQUAL, family, len(_FAMILIES) - place, 0) for place, family in enumerate(_FAMILIES)]
    steps += _on_number(
        machine.socket,
        # ZeroMQ asks for the network interfaces, takes EINVAL for "none", and aborts at any other answer.
        [_step(_LOAD, _FIRST), *families, _answer(errno.EINVAL), _step(_RETURN, _ALLOW)],
    )
    first, second = _TERMINAL_INJECTION
    steps += _on_number(
        machine.ioctl,
        [
            _step(_LOAD, _SECOND),
            _step(_EQUAL, first, 1, 0),
            _step(_EQUAL, second, 0, 1),
            _answer(errno.EPERM),
            _step(_RETURN, _ALLOW),
        ],
    )
    for number in sorted(machine.refused.values()):
        steps += _on_number(number, [_answer(errno.EPERM)])
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def filter_here() -> bytes | None:
    """Give this machine's filter, or `None` where we have no table for its processor."""
    machine = MACHINES.get(platform.machine())
    return assemble(machine) if machine else None
