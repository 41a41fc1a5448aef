"""Roles that stand alone: molecule applies each to a server, twice, and asks the machine. A folder `molecule` is a test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.deploy import ANSIBLE
from tests.fakes.server import Server, server

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]
ROLES = sorted(path.parent.name for path in ANSIBLE.glob("roles/*/molecule"))
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def bare() -> Iterator[Server]:
    with server("bare") as found:
        yield found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_what_it_says_and_a_second_time_nothing(bare: Server, role: str, tmp_path: Path) -> None:
    environ = os.environ | {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "SERVER_KEY": str(bare.key),
        "ANSIBLE_ROLES": str(ANSIBLE / "roles"),
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "MOLECULE_EPHEMERAL_DIRECTORY": str(tmp_path / "molecule"),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }
    command = [str(BIN / "molecule"), "-c", str(ANSIBLE / ".config/molecule/config.yml"), "test"]
    with bare.network():
        done = subprocess.run(
            command, cwd=ANSIBLE / "roles" / role, env=environ, capture_output=True, text=True, check=False
        )

    assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]


def test_ansible_lint_finds_nothing_in_its_strictest_profile() -> None:
    command = [str(BIN / "ansible-lint"), "--offline", "--profile", "production", "-q"]
    environ = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=ANSIBLE, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
