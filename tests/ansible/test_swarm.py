"""The academy's server becomes a swarm's manager, and a second server joins it. After all else: labs of before are gone then."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ansible.conftest import Deployed, settings, variables
from tests.fakes import cables, deploy
from tests.fakes.server import Server, server

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]
MANAGER, WORKER = "10.79.0.1", "10.79.0.2"
TAGS = "firewall,docker,service,swarm,hub"


@pytest.fixture(scope="module")
def joined(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """The second server, and the inventory with both."""
    folder = tmp_path_factory.mktemp("swarm")
    text = settings().replace('runtime = "docker"', 'runtime = "swarm"')
    (folder / "academy.toml").write_text(f'{text}[swarm]\nadvertise = "{MANAGER}"\n')
    with server("h2") as second:
        cables.plug({deployed.server.pid: f"{MANAGER}/24", second.pid: f"{WORKER}/24"})
        both = {"hub.academy.test": deployed.server, "h2": second}
        told = {
            **variables(deployed.inventory.parent, folder / "academy.toml"),
            "firewall_nodes": [MANAGER, WORKER],
        }
        own = {"hub.academy.test": {"swarm_address": MANAGER}, "h2": {"swarm_address": WORKER, "ansible_host": WORKER}}
        path = folder / "inventory.yml"
        path.write_text(deploy.inventory(both, told, {"academy": ["hub.academy.test"], "swarm": ["h2"]}, own))
        done = deploy.play(deployed.server, path, "site.yml", "--tags", TAGS)
        assert done.code == 0, done.said[-5000:]
        yield second, path


def walls(server: Server) -> list[str]:
    return [line for line in server.run("iptables-save").splitlines() if "bitgoeul-swar" in line or "10.79.0" in line]


def test_both_servers_are_in_the_swarm_and_take_labs(deployed: Deployed, joined: tuple[Server, Path]) -> None:
    seen = deployed.server.run("docker", "node", "ls", "--format", "{{.Hostname}} {{.Status}} {{.ManagerStatus}}")
    labels = [
        deployed.server.run("docker", "node", "inspect", name, "--format", '{{index .Spec.Labels "bitgoeul.labs"}}')
        for name in ("hub", "h2")
    ]

    assert sorted(line.split() for line in seen.splitlines()) == [["h2", "Ready"], ["hub", "Ready", "Leader"]]
    assert [label.strip() for label in labels] == ["yes", "yes"]


def test_a_second_run_changes_nothing_on_either(deployed: Deployed, joined: tuple[Server, Path]) -> None:
    again = deploy.play(deployed.server, joined[1], "site.yml", "--tags", TAGS)

    assert again.code == 0, again.said[-3000:]
    assert again.changed == []


def test_the_walls_come_back_with_the_server_and_with_its_engine(joined: tuple[Server, Path]) -> None:
    second, _ = joined
    before = walls(second)
    second.run("iptables", "-F")  # as after a boot, when the kernel knows no rule
    assert walls(second) != before
    second.run("systemctl", "restart", "docker")
    until = time.monotonic() + 60
    while sorted(walls(second)) != sorted(before) and time.monotonic() < until:  # the unit follows its engine
        time.sleep(0.5)

    assert second.run("systemctl", "is-enabled", "bitgoeul-node").strip() == "enabled"
    assert any(re.search(rf"-s {MANAGER}/32 -o bitgoeul-swar -j RETURN", line) for line in before), before
    assert any(re.search(rf"-d {WORKER}/32 -i bitgoeul-swar-o -j DROP", line) for line in before), before
    assert sorted(walls(second)) == sorted(before)
