"""What prepares a machine of a swarm, and the Hub's configuration for one, as text and data."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from traitlets.config import Config

from bitgoeul import settings
from bitgoeul.errors import SettingsError
from bitgoeul.hub import configure, swarm
from bitgoeul.hub.swarm_labs import AcademySwarmSpawner
from bitgoeul.profiles import NETWORKS, Swarm
from bitgoeul.settings import Docker, Hub, Settings

ACADEMY = Settings(
    hub=Hub(runtime="swarm"),
    swarm=Swarm(advertise="10.0.0.5"),
    docker=Docker(package_index="http://10.0.0.9:3141/simple/"),
)
SCRIPT = swarm.script(ACADEMY, ["10.0.0.5", "203.0.113.7"])


def rules(chain: str) -> list[str]:
    start = f"iptables -w 10 -A {chain} "
    return [line.removeprefix(start) for line in SCRIPT.splitlines() if line.startswith(start)]


def test_the_script_is_one_that_a_shell_reads() -> None:
    assert subprocess.run(["sh", "-n"], input=SCRIPT, text=True, check=False).returncode == 0


def test_each_network_has_a_device_and_addresses_of_its_own() -> None:
    made = [line.split()[1:] for line in SCRIPT.splitlines() if line.startswith("network bitgoeul")]

    assert [name for name, _, _ in made] == ["bitgoeul-swarm", "bitgoeul-swarm-packages", "bitgoeul-swarm-open"]
    assert len({addresses for _, addresses, _ in made}) == len(NETWORKS)
    assert len({device for _, _, device in made}) == len(NETWORKS)
    assert all(len(device) <= 15 for _, _, device in made)


def test_a_closed_lab_reaches_the_hub_and_only_the_hub_reaches_it() -> None:
    assert rules("BG-OUT-bitgoeul-swar") == [
        "-i bitgoeul-swar -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN",
        "-o bitgoeul-swar -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN",
        "-i bitgoeul-swar -d 10.0.0.5 -p tcp -m multiport --dports 8081,8082 -j RETURN",
        "-i bitgoeul-swar -o bitgoeul-swar+ -j DROP",
        "-o bitgoeul-swar -s 10.0.0.5 -j RETURN",
        "-o bitgoeul-swar -j DROP",
        "-i bitgoeul-swar -j DROP",
    ]
    assert rules("BG-IN-bitgoeul-swar")[-1] == "-i bitgoeul-swar -j DROP"


def test_the_machines_are_no_part_of_the_world_whatever_their_addresses() -> None:
    assert "-i bitgoeul-swar-o -d 203.0.113.7 -j DROP" in rules("BG-OUT-bitgoeul-swar-o")
    assert "-i bitgoeul-swar-o -d 10.0.0.0/8 -j DROP" in rules("BG-OUT-bitgoeul-swar-o")
    assert rules("BG-OUT-bitgoeul-swar-p")[-2:] == [
        "-i bitgoeul-swar-p -d 10.0.0.9 -p tcp --dport 3141 -j RETURN",
        "-i bitgoeul-swar-p -j DROP",
    ]


def test_the_hub_and_the_service_listen_where_every_machine_reaches_them(tmp_path: Path) -> None:
    proxy = tmp_path / "node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    proxy.parent.mkdir(parents=True)
    proxy.touch()
    c = Config()
    ports = configure.Ports(hub=1, proxy_api=2, service=3)
    configure.configure(c, ACADEMY, ports=ports, project=tmp_path)

    assert c.JupyterHub.spawner_class is AcademySwarmSpawner
    assert c.JupyterHub.hub_bind_url == "http://10.0.0.5:8081"
    assert c.JupyterHub.services[0]["url"] == "http://10.0.0.5:8082"
    assert c.ConfigurableHTTPProxy.api_url == "http://127.0.0.1:2"
    assert c.AcademySwarmSpawner.cluster.__deepcopy__({}) is c.AcademySwarmSpawner.cluster


@pytest.mark.parametrize("address", ["", "127.0.0.1", "0.0.0.0", "hub.example.kr", "::1"])  # noqa: S104  refused
def test_an_address_that_others_do_not_reach_is_refused(address: str, tmp_path: Path) -> None:
    (tmp_path / "academy.toml").write_text(f'[hub]\nruntime = "swarm"\n[swarm]\nadvertise = "{address}"\n')
    with pytest.raises(SettingsError, match=r"swarm\.advertise"):
        settings.load(tmp_path / "academy.toml", {})
