"""The Docker side of an academy that is prepared before the Hub starts: sockets, the labs' network, its walls."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound

from bitgoeul.errors import BitgoeulError, Text
from bitgoeul.hub import networks
from bitgoeul.hub.containers import UID
from bitgoeul.hub.engine_rules import Allowed
from bitgoeul.hub.networks import INSIDES, Rule
from bitgoeul.profiles import NETWORKS, Network
from bitgoeul.settings import Settings

_ENVIRONMENT = {"PATH": os.defpath + ":/usr/sbin:/sbin", "LC_ALL": "C"}


NO_WALLS = Text(
    "root가 아니어서 방화벽 규칙을 넣지 못했습니다. 실습실에서 이 서버의 다른 포트가 보입니다.",
    "Not root, so no rules of the firewall were set: labs can reach other ports of this server.",
)


class EngineFailed(BitgoeulError):
    """The engine does not answer, or does not do what labs need."""

    code = "engine-failed"


def engine_path(settings: Settings) -> Path:
    """The engine's own socket, which only the proxy opens once labs run."""
    return Path(settings.docker.engine.removeprefix("unix://"))


def proxy_path(settings: Settings) -> Path:
    """The socket that the Hub opens."""
    return Path(settings.docker.proxy) if settings.docker.proxy else settings.state / "hub" / "docker.sock"


def network(settings: Settings, kind: Network) -> str:
    """Name the engine's network for labs that may reach so much."""
    return networks.name(settings.docker.network, kind)


def gateway(settings: Settings, kind: Network = "closed") -> str:
    """Our address in a labs' network. The Hub and the service listen at that of the closed one, which all reach."""
    return str(next(networks.subnet(settings.docker.subnet, kind).hosts()))


def bridge(settings: Settings, kind: Network) -> str:
    """Name a network's device."""
    return networks.bridge(settings.docker.network, kind)


def allowed(settings: Settings) -> Allowed:
    """Say to the proxy what labs may be made of."""
    docker = settings.docker
    return Allowed(
        images=networks.images(settings),
        networks=frozenset(network(settings, kind) for kind in NETWORKS),
        homes=str(settings.state / "volumes"),
        courses=str(settings.state / "courses"),
        datasets=docker.datasets,
    )


def prepare(settings: Settings) -> None:
    """Make the networks before anything binds to a gateway; raise `EngineFailed` with what to do."""
    try:
        client = docker.DockerClient(base_url=settings.docker.engine, version="auto", timeout=60)
    except DockerException as error:
        raise EngineFailed(
            ko=f"{settings.docker.engine}에서 Docker 엔진이 답하지 않습니다({error}). `bitgoeul doctor`로 까닭을 보십시오.",
            en=f"No Docker engine answers at {settings.docker.engine} ({error}). `bitgoeul doctor` tells why.",
        ) from None
    try:
        for kind in NETWORKS:
            ensure_network(client, settings, kind)
    except APIError as error:
        raise EngineFailed(
            ko=f"실습실 네트워크 {settings.docker.network}({settings.docker.subnet})를 만들지 못했습니다: {error.explanation}. "
            "docker.subnet을 바꾸거나 예전 네트워크를 지우십시오(docker network rm).",
            en=f"The labs' network {settings.docker.network} ({settings.docker.subnet}) could not be made: "
            f"{error.explanation}. Change docker.subnet, or take an older network away (docker network rm).",
        ) from None
    finally:
        client.close()


def ensure_network(client: Any, settings: Settings, kind: Network) -> None:
    """One bridge on which containers do not see each other (no icc); a closed one has no way out (`internal`)."""
    name = network(settings, kind)
    try:
        client.networks.get(name)
    except NotFound:
        pool = docker.types.IPAMPool(
            subnet=str(networks.subnet(settings.docker.subnet, kind)), gateway=gateway(settings, kind)
        )
        client.networks.create(
            name,
            driver="bridge",
            internal=kind == "closed",
            ipam=docker.types.IPAMConfig(pool_configs=[pool]),
            options={
                "com.docker.network.bridge.name": bridge(settings, kind),
                "com.docker.network.bridge.enable_icc": "false",
            },
            labels={"bitgoeul.network": "labs"},
        )


def walls(settings: Settings, kind: Network) -> list[Rule]:
    """Rules for what labs send to this machine."""
    return networks.walls(settings.docker, kind, bridge(settings, kind), gateway(settings))


def ways_out(settings: Settings, kind: Network, resolvers: Iterable[str] = ()) -> list[Rule]:
    """Rules for what labs send past this machine: nothing, the mirror of packages alone, or the world but no inside.

    `resolvers`: this machine's DNS servers, which an open lab may ask wherever they stand.
    """
    device = bridge(settings, kind)
    mirror = networks.mirror(settings.docker, kind, device, "RETURN")
    if kind != "open":
        return [*mirror, ["-i", device, "-j", "DROP"]]
    names = [
        ["-i", device, "-d", resolver, "-p", protocol, "--dport", "53", "-j", "RETURN"]
        for resolver in resolvers
        for protocol in ("udp", "tcp")
    ]
    return [*mirror, *names, *(["-i", device, "-d", inside, "-j", "DROP"] for inside in INSIDES)]


def build_walls(settings: Settings) -> bool:
    """Put the rules in force in chains of their own; False where we may not (not root, or no iptables)."""
    if os.geteuid() != 0 or shutil.which("iptables", path=_ENVIRONMENT["PATH"]) is None:
        return False
    resolvers = [address for address in _resolvers() if not ipaddress.ip_address(address).is_loopback]
    for kind in NETWORKS:
        _chain(f"BG-IN-{bridge(settings, kind)}", "INPUT", walls(settings, kind))
        # The engine passes DOCKER-USER first and leaves it alone, also when it starts again.
        _chain(f"BG-OUT-{bridge(settings, kind)}", "DOCKER-USER", ways_out(settings, kind, resolvers))
    return True


def _resolvers() -> list[str]:
    try:
        lines = Path("/etc/resolv.conf").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    found = [line.split()[1] for line in lines if line.startswith("nameserver ") and len(line.split()) > 1]
    return [address for address in found if re.fullmatch(r"[\d.]+", address)]


def _chain(name: str, parent: str, rules: Iterable[Rule]) -> None:
    """Fill a chain anew and let `parent` pass it first."""
    _iptables("-N", name, check=False)
    _iptables("-F", name)
    for rule in rules:
        _iptables("-A", name, *rule)
    if _iptables("-C", parent, "-j", name, check=False):
        _iptables("-I", parent, "1", "-j", name)


def _iptables(*arguments: str, check: bool = True) -> int:
    done = subprocess.run(
        ["iptables", "-w", "10", *arguments], env=_ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if check and done.returncode != 0:
        raise EngineFailed(
            ko=f"방화벽 규칙을 넣지 못했습니다: {done.stderr.strip()}",
            en=f"A rule of the firewall could not be set: {done.stderr.strip()}",
        )
    return done.returncode


def own_course(course: Path) -> None:
    """Let staff write to their course in a container: its files belong to the containers' user.

    Only root may give files away; an academy of another user has to be that very user (uid 20100).
    """
    if os.geteuid() != 0:
        return
    for folder, _, files in os.walk(course):
        for path in (folder, *(f"{folder}/{name}" for name in files)):
            os.chown(path, UID, UID, follow_symlinks=False)
