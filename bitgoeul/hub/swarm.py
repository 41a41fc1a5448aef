"""What each machine of a swarm needs before labs run on it: networks and walls, as one script that any shell runs.

Labs live on a bridge of their own machine, not on an overlay: there they do not see each other (`icc`), the walls are
the same as on one server, and nothing depends on VXLAN or IPVS. Swarm knows the bridges as one network of its own,
whose make-up each machine holds (`--config-from`). The Hub reaches a lab by the port that its machine gives it.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable

import docker
from docker.errors import DockerException
from requests.exceptions import RequestException

from bitgoeul.hub import networks
from bitgoeul.hub.docker import EngineFailed
from bitgoeul.hub.networks import ESTABLISHED, INSIDES, Rule
from bitgoeul.hub.swarm_rules import AllowedServices
from bitgoeul.profiles import NETWORKS, Network
from bitgoeul.settings import Settings

_HEAD = """\
#!/bin/sh
# {network}: networks and walls for labs on this machine. Run as root, again at each boot; it may run twice.
set -eu
PATH="$PATH:/usr/sbin:/sbin"
network() {{
  docker network inspect "$1-config" >/dev/null 2>&1 || docker network create --config-only --subnet "$2" \\
    -o com.docker.network.bridge.name="$3" -o com.docker.network.bridge.enable_icc=false "$1-config" >/dev/null
  [ "$(docker info --format '{{{{.Swarm.ControlAvailable}}}}')" = true ] || return 0
  docker network inspect "$1" >/dev/null 2>&1 || \\
    docker network create --driver bridge --scope swarm --config-from "$1-config" "$1" >/dev/null
}}
chain() {{
  iptables -w 10 -N "$1" 2>/dev/null || iptables -w 10 -F "$1"
  iptables -w 10 -C "$2" -j "$1" 2>/dev/null || iptables -w 10 -I "$2" 1 -j "$1"
}}
"""
_NAMES = """\
for resolver in $(sed -n 's/^nameserver  *\\([0-9.]*\\)$/\\1/p' /etc/resolv.conf /run/systemd/resolve/resolv.conf 2>/dev/null); do
  case "$resolver" in 127.*) continue ;; esac
  for protocol in udp tcp; do
    iptables -w 10 -A {chain} -i {device} -d "$resolver" -p "$protocol" --dport 53 -j RETURN
  done
done
"""


def network(settings: Settings, kind: Network) -> str:
    """Name the swarm's network for labs that may reach so much."""
    return networks.name(settings.swarm.network, kind)


def bridge(settings: Settings, kind: Network) -> str:
    """Name a network's device on each machine."""
    return networks.bridge(settings.swarm.network, kind)


def allowed(settings: Settings) -> AllowedServices:
    """Say to the proxy what labs may be made of."""
    swarm = settings.swarm
    return AllowedServices(
        academy=swarm.network,
        images=networks.images(settings),
        networks=frozenset(network(settings, kind) for kind in NETWORKS),
        volumes=f"{swarm.network}-home-",
        courses=str(settings.state / "courses"),
        homes=swarm.homes,
        datasets=settings.docker.datasets,
    )


def script(settings: Settings, machines: Iterable[str]) -> str:
    """Write what prepares a machine. `machines`: the addresses of all, where labs have no business."""
    parts = [_HEAD.format(network=settings.swarm.network)]
    machines = sorted(set(machines))
    for kind in NETWORKS:
        device = bridge(settings, kind)
        parts.append(f"network {network(settings, kind)} {networks.subnet(settings.swarm.subnet, kind)} {device}\n")
        parts.append(_chain(f"BG-IN-{device}", "INPUT", walls(settings, kind)))
        before, after = ways(settings, kind, machines)
        forward = f"BG-OUT-{device}"
        parts.append(_chain(forward, "DOCKER-USER", before))
        if kind == "open":
            parts.append(_NAMES.format(chain=forward, device=device))
        parts += [_rule(forward, rule) for rule in after]
    return "".join(parts)


def _chain(name: str, parent: str, rules: Iterable[Rule]) -> str:
    return f"chain {name} {parent}\n" + "".join(_rule(name, rule) for rule in rules)


def _rule(chain: str, rule: Rule) -> str:
    return f"iptables -w 10 -A {chain} {shlex.join(rule)}\n"


def walls(settings: Settings, kind: Network) -> list[Rule]:
    """Rules for what labs send to their own machine: where it is the Hub's, its two ports; nothing else of it."""
    return networks.walls(settings.docker, kind, bridge(settings, kind), settings.swarm.advertise)


def ways(settings: Settings, kind: Network, machines: Iterable[str]) -> tuple[list[Rule], list[Rule]]:
    """Rules for what passes a machine to and from its labs, before and after those for the machine's resolvers.

    In comes the Hub alone, which speaks to labs by a port of their machine. Out goes what the lab's network may reach;
    the machines themselves are no part of the world, whatever their addresses.
    """
    device, hub = bridge(settings, kind), settings.swarm.advertise
    before = [
        ["-i", device, *ESTABLISHED, "-j", "RETURN"],
        ["-o", device, *ESTABLISHED, "-j", "RETURN"],
        [*networks.hub(settings.docker, device, hub), "-j", "RETURN"],
        ["-i", device, "-o", f"{settings.swarm.network[:13]}+", "-j", "DROP"],
        ["-o", device, "-s", hub, "-j", "RETURN"],
        ["-o", device, "-j", "DROP"],
    ]
    mirror = networks.mirror(settings.docker, kind, device, "RETURN")
    if kind != "open":
        return before, [*mirror, ["-i", device, "-j", "DROP"]]
    closed = [["-i", device, "-d", inside, "-j", "DROP"] for inside in (*machines, *INSIDES)]
    return [*before, *mirror], closed


def addresses(settings: Settings) -> list[str]:
    """Ask the engine for the addresses of the swarm's machines. Raises `EngineFailed` when it manages no swarm."""
    try:
        client = docker.APIClient(base_url=settings.docker.engine, version="auto", timeout=60)
        try:
            found = [str((node.get("Status") or {}).get("Addr") or "") for node in client.nodes()]
        finally:
            client.close()
    except (DockerException, RequestException) as error:
        raise EngineFailed(
            ko=f"{settings.docker.engine}의 Docker 엔진이 Swarm 관리자로 답하지 않습니다({error}). `bitgoeul doctor`로 까닭을 보십시오.",
            en=f"The Docker engine at {settings.docker.engine} does not answer as a manager of a swarm ({error}). "
            "`bitgoeul doctor` tells why.",
        ) from None
    return [address for address in found if address not in ("", "0.0.0.0", "127.0.0.1")]  # noqa: S104  compared


def prepare(settings: Settings) -> None:
    """Prepare this machine, on which the Hub runs; raise `EngineFailed` with what to do."""
    if not settings.swarm.advertise:
        raise EngineFailed(
            ko="swarm.advertise가 비어 있습니다. academy.toml의 [swarm]에 다른 컴퓨터들이 닿는 이 컴퓨터의 주소를 적으십시오.",
            en="swarm.advertise is empty. Write this machine's address, as the others reach it, into [swarm] of academy.toml.",
        )
    text = script(settings, addresses(settings))
    environ = os.environ | {"DOCKER_HOST": settings.docker.engine}
    done = subprocess.run(["sh"], input=text, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        why = "; ".join(done.stderr.strip().splitlines()[-3:])
        raise EngineFailed(
            ko=f"실습실의 네트워크와 방화벽을 만들지 못했습니다: {why}. root로 시작했는지, 예전 네트워크가 남아 있지 않은지 보십시오.",
            en=f"The labs' networks and walls could not be made: {why}. See that you are root and that no older network is left.",
        )
