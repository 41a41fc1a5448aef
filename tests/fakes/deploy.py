"""Ansible as an operator calls it, against a server of the tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.server import ROOT, Server

ANSIBLE = ROOT / "ansible"
_RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What one run of a playbook said. `changed` are the names of tasks that changed something."""

    code: int
    said: str

    @property
    def changed(self) -> list[str]:
        task, found = "", []
        for line in self.said.splitlines():
            if head := re.match(r"(?:TASK|RUNNING HANDLER) \[(.*)\]", line):
                task = head[1]
            elif line.startswith("changed:") and task not in found:
                found.append(task)
        return found


def inventory(
    servers: Mapping[str, Server],
    variables: Mapping[str, object],
    groups: Mapping[str, list[str]],
    own: Mapping[str, Mapping[str, object]] | None = None,
) -> str:
    """The inventory file's text: JSON is YAML. `own` are the variables of single servers."""
    hosts = {
        name: {
            "ansible_host": "127.0.0.1",
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(server.key),
            "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ControlMaster=no",
            **(own or {}).get(name, {}),
        }
        for name, server in servers.items()
    }
    return json.dumps(
        {
            group: {"hosts": {name: hosts[name] for name in members}, "vars": dict(variables)}
            for group, members in groups.items()
        }
    )


def play(server: Server, inventory_file: Path, playbook: str = "site.yml", *options: str, root: Path = ROOT) -> Run:
    """Run a playbook from inside the server's network."""
    ansible = root / "ansible"
    environ = os.environ | {
        "ANSIBLE_CONFIG": str(ansible / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCAL_TEMP": str(server.folder / "ansible"),
        "ANSIBLE_HOME": str(server.folder / "ansible"),
        "LC_ALL": "C.UTF-8",
    }
    command = [
        str(Path(sys.executable).parent / "ansible-playbook"),
        "-i",
        str(inventory_file),
        str(ansible / playbook),
        *options,
    ]
    with server.network():
        done = subprocess.run(command, cwd=ansible, env=environ, capture_output=True, text=True, check=False)
    return Run(done.returncode, done.stdout + done.stderr)
