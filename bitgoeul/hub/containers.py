"""A lab as a container: what the engine is asked for, as plain data. Nothing here speaks to an engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import bitgoeul
from bitgoeul.gpus.model import Lease, Running
from bitgoeul.hub.labs import Lab, environment
from bitgoeul.hub.policy import Limits
from bitgoeul.profiles import MEBIBYTE
from bitgoeul.settings import Settings

UID = 20100
"""Everybody is this user in his own container; who he is, the Hub's token says."""

HOME, COURSE, DATASETS = "/home/student", "/srv/course", "/datasets"
LABEL = "bitgoeul.lab"
DISK_LABEL = "bitgoeul.disk-gb"
SECURITY = ["no-new-privileges"]
_PACKAGE_INSIDE = "/opt/bitgoeul"
CPU = 1_000_000_000
"""Engines count CPUs in billionths."""

ULIMITS = [{"Name": "core", "Soft": 0, "Hard": 0}, {"Name": "nofile", "Soft": 4096, "Hard": 4096}]
LOG_DRIVER, LOG_OPTIONS = "json-file", {"max-size": "5m", "max-file": "1"}
_PATHS = ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH")


@dataclass(frozen=True)
class Place:
    """Where containers reach us: the gateway's address, and the service's port on it."""

    gateway: str
    service_port: int


def volume(settings: Settings, user: str) -> Path:
    """The folder on the server that is a person's home in his container."""
    return settings.state / "volumes" / user


def binds(settings: Settings, lab: Lab, user: str) -> list[str]:
    """Say what of the server a lab sees: its person's home, the data sets to read, for staff their course."""
    found = [f"{volume(settings, user)}:{HOME}:rw"]
    if lab.kind == "staff":
        found.append(f"{lab.root}:{COURSE}:rw")
    if settings.docker.datasets:
        found.append(f"{settings.docker.datasets}:{DATASETS}:ro")
    return found


def variables(
    settings: Settings, lab: Lab, place: Place, inherited: dict[str, str], limits: Limits, lease: Lease | None = None
) -> dict[str, str]:
    """Give a container's environment: that of a local lab, told in the container's own paths."""
    local = environment(lab, settings, {}, warns=lease is not None)
    package = str(Path(bitgoeul.__file__).parent)
    dropped = ("PATH", "BITGOEUL_STATE", "BITGOEUL_ACADEMY")
    kept = {name: value for name, value in local.items() if name not in dropped and str(settings.state) not in value}
    service = f"http://{place.gateway}:{place.service_port}/services/bitgoeul"
    return {
        **inherited,
        **kept,
        "HOME": HOME,
        "JUPYTERHUB_ROOT_DIR": HOME if lab.kind == "student" else COURSE,
        **{name: local[name].replace(package, _PACKAGE_INSIDE) for name in _PATHS if name in local},
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # noqa: S108  the container's own tmpfs
        "BITGOEUL_SERVICE_URL": service,
        **_package_index(settings, limits),
    }


def _package_index(settings: Settings, limits: Limits) -> dict[str, str]:
    url = settings.docker.package_index
    if not url or limits.network == "closed":
        return {}
    return {"PIP_INDEX_URL": url, "PIP_TRUSTED_HOST": urlsplit(url).hostname or ""}


def scratch_mb(limits: Limits) -> int:
    """How much of the memory may hold files: `/tmp` and shared memory, in MiB each."""
    return min(limits.memory_mb // 2, 1024)


def hardening(limits: Limits, network: str, lease: Lease | None = None) -> dict[str, Any]:
    """Give the engine's HostConfig of everybody, whatever his lab is."""
    memory = limits.memory_mb * MEBIBYTE
    scratch = scratch_mb(limits)
    found: dict[str, Any] = {
        "NetworkMode": network,
        "CapDrop": ["ALL"],
        "SecurityOpt": SECURITY,
        "ReadonlyRootfs": True,
        "Init": True,
        "IpcMode": "private",
        "Memory": memory,
        "MemorySwap": memory,
        "NanoCpus": int(limits.cpus * CPU),
        "PidsLimit": limits.processes,
        "Tmpfs": {"/tmp": f"rw,nosuid,nodev,mode=1777,size={scratch}m", "/run": "rw,nosuid,nodev,size=16m"},  # noqa: S108
        "ShmSize": scratch * MEBIBYTE,
        "Ulimits": ULIMITS,
        "LogConfig": {"Type": LOG_DRIVER, "Config": LOG_OPTIONS},
    }
    if lease:
        found["DeviceRequests"] = [
            {"Driver": "nvidia", "DeviceIDs": [lease.device], "Capabilities": [["gpu"]], "Count": 0}
        ]
    return found


def request(
    limits: Limits,
    *,
    image: str,
    network: str,
    binds: list[str],
    environment: dict[str, str],
    command: list[str],
    user: str,
    lease: Lease | None = None,
) -> dict[str, Any]:
    """Give the body of `POST /containers/create`. A lab with a device bears its lease, by which it is known again."""
    leased = Running.of(lease).labels() if lease else {}
    return {
        "Image": image,
        "Cmd": command,
        "Env": [f"{name}={value}" for name, value in sorted(environment.items())],
        "User": f"{UID}:{UID}",
        "WorkingDir": HOME,
        "Labels": {LABEL: user, DISK_LABEL: f"{limits.disk_gb:g}", **leased},
        "HostConfig": hardening(limits, network, lease) | {"Binds": binds},
    }
