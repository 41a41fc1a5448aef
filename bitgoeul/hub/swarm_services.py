"""A lab as a service of Docker Swarm: what the engine is asked for, as plain data. Nothing here speaks to an engine."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from bitgoeul.gpus.model import Lease, Running
from bitgoeul.hub.containers import (
    COURSE,
    CPU,
    DATASETS,
    HOME,
    LABEL,
    LOG_DRIVER,
    LOG_OPTIONS,
    UID,
    ULIMITS,
    scratch_mb,
)
from bitgoeul.hub.labs import Lab
from bitgoeul.hub.policy import Limits
from bitgoeul.profiles import MEBIBYTE, Swarm
from bitgoeul.settings import Settings

ACADEMY, SERVICE = "bitgoeul.academy", "bitgoeul.service"
"""Labels: whose lab it is, where several academies share a swarm; and which service a task is of."""

FOR_LABS = "node.labels.bitgoeul.labs==yes"
"""Only machines that the operator has prepared, and says so of, get labs."""

PORT = 8888
RESTART = {"Condition": "none"}
"""A lab that ended has to say so; only its person starts it again."""

PRIVILEGES = {"NoNewPrivileges": True}
"""Engines before 25 do not know it here and pass over it: there, our images' lack of setuid programs has to do."""

MODE = {"Replicated": {"Replicas": 1}}
ENDPOINT = {"Mode": "dnsrr", "Ports": [{"Protocol": "tcp", "TargetPort": PORT, "PublishMode": "host"}]}
"""A port of the machine that runs the lab. No virtual address: those need IPVS, and nobody would call it by name."""

LOG = {"Name": LOG_DRIVER, "Options": LOG_OPTIONS}
GRACE = 10_000_000_000
HARDENING = {
    "Dir": HOME,
    "User": f"{UID}:{UID}",
    "ReadOnly": True,
    "Init": True,
    "CapabilityDrop": ["ALL"],
    "Privileges": PRIVILEGES,
    "Ulimits": ULIMITS,
    "StopGracePeriod": GRACE,
}
"""What every lab's container is, whatever the lab is."""

TMPFS = ("/tmp", "/run", "/dev/shm")  # noqa: S108  the container's own
_LONGEST = 24
_LEAST = 4 * MEBIBYTE
"""Swarm reserves no less."""


def _slug(text: str) -> str:
    """Write it so that engines take it as a name and no two texts share one."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return f"{re.sub('[^a-z0-9]+', '-', text)[:_LONGEST].strip('-')}-{digest}"


def name(swarm: Swarm, user: str, server: str) -> str:
    """Name a lab's service; Swarm allows 63 letters."""
    return f"{swarm.network}-{_slug(f'{user}/{server}' if server else user)}"


def volume(swarm: Swarm, user: str) -> str:
    """Name the volume that is a person's home on one machine."""
    return f"{swarm.network}-home-{_slug(user)}"


def mounts(settings: Settings, lab: Lab, limits: Limits, user: str) -> list[dict[str, Any]]:
    """Say what of its machine a lab sees: its person's home, the data sets to read, for staff their course."""
    found = [_home(settings.swarm, user)]
    if lab.kind == "staff":
        found.append({"Type": "bind", "Source": str(lab.root), "Target": COURSE, "ReadOnly": False})
    if settings.docker.datasets:
        found.append({"Type": "bind", "Source": settings.docker.datasets, "Target": DATASETS, "ReadOnly": True})
    return [*found, *(_tmpfs(path, 16 if path == "/run" else scratch_mb(limits)) for path in TMPFS)]


def _home(swarm: Swarm, user: str) -> dict[str, Any]:
    if swarm.homes:
        return {"Type": "bind", "Source": f"{swarm.homes}/{user}", "Target": HOME, "ReadOnly": False}
    return {"Type": "volume", "Source": volume(swarm, user), "Target": HOME, "ReadOnly": False}


def _tmpfs(path: str, mebibytes: int) -> dict[str, Any]:
    return {"Type": "tmpfs", "Target": path, "TmpfsOptions": {"SizeBytes": mebibytes * MEBIBYTE, "Mode": 0o1777}}


def resources(swarm: Swarm, limits: Limits, lease: Lease | None) -> dict[str, Any]:
    """Limit a lab, and say how much of that no other lab may be promised.

    Each device is a generic resource of its own, by its uuid: then Swarm itself finds the machine that has it and gives
    it to nobody else, and the device is the one that was leased. Of a kind with many devices Swarm would choose one.
    """
    cpus, memory = int(limits.cpus * CPU), limits.memory_mb * MEBIBYTE
    share = int(memory * swarm.memory_kept)
    kept = {"NanoCPUs": int(cpus * swarm.cpus_kept), "MemoryBytes": share if share >= _LEAST else 0}
    generic = [{"DiscreteResourceSpec": {"Kind": lease.device, "Value": 1}}] if lease else []
    return {
        "Limits": {"NanoCPUs": cpus, "MemoryBytes": memory, "Pids": limits.processes},
        "Reservations": {**kept, **({"GenericResources": generic} if generic else {})},
    }


def request(
    settings: Settings,
    lab: Lab,
    limits: Limits,
    *,
    user: str,
    server: str,
    image: str,
    network: str,
    environment: dict[str, str],
    command: list[str],
    machine: str = "",
    lease: Lease | None = None,
) -> dict[str, Any]:
    """Give the body of `POST /services/create`. `machine`: the id of the only one that will do, or empty."""
    swarm, service = settings.swarm, name(settings.swarm, user, server)
    labels = {LABEL: user, ACADEMY: swarm.network, SERVICE: service, **(Running.of(lease).labels() if lease else {})}
    container = {
        "Image": image,
        "Args": command,
        "Env": [f"{key}={value}" for key, value in sorted(environment.items())],
        "Labels": labels,
        "Mounts": mounts(settings, lab, limits, user),
        **HARDENING,
    }
    task = {
        "ContainerSpec": container,
        "Resources": resources(swarm, limits, lease),
        "RestartPolicy": RESTART,
        "Placement": {"Constraints": [FOR_LABS, *([f"node.id=={machine}"] if machine else [])]},
        "Networks": [{"Target": network}],
        "LogDriver": LOG,
    }
    return {"Name": service, "Labels": labels, "TaskTemplate": task, "Mode": MODE, "EndpointSpec": ENDPOINT}
