from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.grading import seccomp

ALLOW, KILL = 0x7FFF0000, 0x80000000
machines = pytest.mark.parametrize("name", sorted(seccomp.MACHINES))


def answer(program: bytes, number: int, *arguments: int, architecture: int) -> int:
    """Run a filter as the kernel does, on struct seccomp_data."""
    values = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=iIQ6Q", number if number < 2**31 else number - 2**32, architecture, 0, *values)
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    loaded, place = 0, 0
    while True:
        code, when_true, when_false, value = steps[place]
        place += 1
        if code == 0x06:
            return value
        if code == 0x20:
            (loaded,) = struct.unpack_from("=I", data, value)
        else:
            holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
            place += when_true if holds else when_false


def refused(error: int) -> int:
    return 0x00050000 | error


@machines
def test_every_refused_call_gets_eperm(name: str) -> None:
    machine = seccomp.MACHINES[name]
    program = seccomp.assemble(machine)

    for number in machine.refused.values():
        assert answer(program, number, architecture=machine.architecture) == refused(errno.EPERM)


@machines
def test_the_kinds_that_matter_are_in_the_table(name: str) -> None:
    wanted = {
        "mount", "umount2", "pivot_root", "move_mount", "fsopen", "mount_setattr", "unshare", "setns", "keyctl",
        "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "ptrace",
        "process_vm_readv", "process_vm_writev", "kexec_load", "init_module", "finit_module", "open_by_handle_at",
        "shmget", "semget", "msgget", "pidfd_getfd",
    }  # fmt: skip

    assert wanted <= set(seccomp.MACHINES[name].refused)


@machines
@given(number=st.integers(0, 500))
def test_every_other_call_is_allowed(name: str, number: int) -> None:
    machine = seccomp.MACHINES[name]
    special = {*machine.refused.values(), machine.clone, machine.clone3, machine.socket, machine.ioctl}
    found = answer(seccomp.assemble(machine), number, architecture=machine.architecture)

    assert number in special or found == ALLOW


@machines
@given(flags=st.integers(0, 2**32 - 1))
def test_clone_is_allowed_exactly_without_new_namespaces(name: str, flags: int) -> None:
    machine = seccomp.MACHINES[name]
    found = answer(seccomp.assemble(machine), machine.clone, flags, architecture=machine.architecture)

    assert found == (refused(errno.EPERM) if flags & 0x7E020000 else ALLOW)


@machines
def test_clone3_is_unknown_so_that_the_c_library_uses_clone(name: str) -> None:
    machine = seccomp.MACHINES[name]
    found = answer(seccomp.assemble(machine), machine.clone3, architecture=machine.architecture)

    assert found == refused(errno.ENOSYS)


@machines
@pytest.mark.parametrize(
    ("family", "allowed"), [(1, True), (2, True), (10, True), (0, False), (16, False), (40, False)]
)
def test_sockets_are_unix_and_internet_only(name: str, family: int, allowed: bool) -> None:
    machine = seccomp.MACHINES[name]
    found = answer(seccomp.assemble(machine), machine.socket, family, architecture=machine.architecture)

    assert (found == ALLOW) is allowed


@machines
@pytest.mark.parametrize(
    ("request_code", "allowed"), [(0x5412, False), (0x541C, False), (0x5401, True), (0x5421, True)]
)
def test_nothing_can_be_typed_into_a_terminal(name: str, request_code: int, allowed: bool) -> None:
    machine = seccomp.MACHINES[name]
    found = answer(seccomp.assemble(machine), machine.ioctl, 0, request_code, architecture=machine.architecture)

    assert (found == ALLOW) is allowed


@machines
def test_another_architecture_ends_the_process_and_the_x32_table_is_unknown(name: str) -> None:
    machine = seccomp.MACHINES[name]
    program = seccomp.assemble(machine)

    assert answer(program, 1, architecture=0x40000003) == KILL
    assert answer(program, 0x40000000 | 1, architecture=machine.architecture) == refused(errno.ENOSYS)


def test_no_filter_is_made_for_a_processor_without_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")

    assert seccomp.filter_here() is None
