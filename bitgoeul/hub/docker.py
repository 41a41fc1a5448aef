"""The Docker side of an academy that is prepared before the Hub starts: sockets, the labs' network, its walls."""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound

from bitgoeul.errors import BitgoeulError
from bitgoeul.hub.containers import UID
from bitgoeul.hub.engine_rules import Allowed
from bitgoeul.settings import Settings

_ENVIRONMENT = {"PATH": os.defpath + ":/usr/sbin:/sbin", "LC_ALL": "C"}


class EngineFailed(BitgoeulError):
    """The engine does not answer, or does not do what labs need."""

    code = "engine-failed"


def engine_path(settings: Settings) -> Path:
    """The engine's own socket, which only the proxy opens once labs run."""
    return Path(settings.docker.engine.removeprefix("unix://"))


def proxy_path(settings: Settings) -> Path:
    """The socket that the Hub opens."""
    return Path(settings.docker.proxy) if settings.docker.proxy else settings.state / "hub" / "docker.sock"


def gateway(settings: Settings) -> str:
    """Our address in the labs' network."""
    return str(next(ipaddress.ip_network(settings.docker.subnet).hosts()))


def bridge(settings: Settings) -> str:
    """The network's device; Linux allows 15 letters."""
    return settings.docker.network[:15]


def allowed(settings: Settings, *, devices: Iterable[str] = ()) -> Allowed:
    """Say to the proxy what labs may be made of."""
    docker = settings.docker
    return Allowed(
        images=frozenset({docker.image, *docker.images}),
        network=docker.network,
        homes=str(settings.state / "volumes"),
        courses=str(settings.state / "courses"),
        datasets=docker.datasets,
        devices=frozenset(devices),
    )


def prepare(settings: Settings) -> None:
    """Make the network before anything binds to its gateway; raise `EngineFailed` with what to do."""
    try:
        client = docker.DockerClient(base_url=settings.docker.engine, version="auto", timeout=60)
    except DockerException as error:
        raise EngineFailed(
            ko=f"{settings.docker.engine}에서 Docker 엔진이 답하지 않습니다({error}). `bitgoeul doctor`로 까닭을 보십시오.",
            en=f"No Docker engine answers at {settings.docker.engine} ({error}). `bitgoeul doctor` tells why.",
        ) from None
    try:
        ensure_network(client, settings)
    except APIError as error:
        raise EngineFailed(
            ko=f"실습실 네트워크 {settings.docker.network}({settings.docker.subnet})를 만들지 못했습니다: {error.explanation}. "
            "docker.subnet을 바꾸십시오.",
            en=f"The labs' network {settings.docker.network} ({settings.docker.subnet}) could not be made: "
            f"{error.explanation}. Change docker.subnet.",
        ) from None
    finally:
        client.close()


def ensure_network(client: Any, settings: Settings) -> None:
    """One bridge without a way out (`internal`), on which containers do not see each other (no icc)."""
    name = settings.docker.network
    try:
        client.networks.get(name)
    except NotFound:
        pool = docker.types.IPAMPool(subnet=settings.docker.subnet, gateway=gateway(settings))
        client.networks.create(
            name,
            driver="bridge",
            internal=True,
            ipam=docker.types.IPAMConfig(pool_configs=[pool]),
            options={
                "com.docker.network.bridge.name": bridge(settings),
                "com.docker.network.bridge.enable_icc": "false",
            },
            labels={"bitgoeul.network": "labs"},
        )


def walls(settings: Settings, ports: Iterable[int]) -> list[list[str]]:
    """Give the firewall's rules: from the labs' bridge this machine's `ports` at the gateway, and nothing else of it."""
    device = bridge(settings)
    own = ["-i", device, "-d", gateway(settings), "-p", "tcp", "-m", "multiport", "--dports", ",".join(map(str, ports))]
    return [
        ["-i", device, "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT"],
        [*own, "-j", "ACCEPT"],
        ["-i", device, "-j", "DROP"],
    ]


def build_walls(settings: Settings, ports: Iterable[int]) -> bool:
    """Put the rules in force in a chain of their own; False where we may not (not root, or no iptables)."""
    if os.geteuid() != 0 or shutil.which("iptables", path=_ENVIRONMENT["PATH"]) is None:
        return False
    chain = f"BITGOEUL-{bridge(settings)}"[:28]
    _iptables("-N", chain, check=False)
    _iptables("-F", chain)
    for rule in walls(settings, ports):
        _iptables("-A", chain, *rule)
    if _iptables("-C", "INPUT", "-j", chain, check=False):
        _iptables("-I", "INPUT", "1", "-j", chain)
    return True


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

    Only root may give files away; an academy of another user has to be that very user (uid 1000).
    """
    if os.geteuid() != 0:
        return
    for folder, _, files in os.walk(course):
        for path in (folder, *(f"{folder}/{name}" for name in files)):
            os.chown(path, UID, UID, follow_symlinks=False)
