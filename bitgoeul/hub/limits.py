"""What one person's container gets. The policy that decides it is one callable; this one knows the settings only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bitgoeul.names import UserName
from bitgoeul.settings import Settings


@dataclass(frozen=True)
class Limits:
    """The limits of one start. `disk_gb` 0 means no limit; `gpu_uuid` is the one device of the lease, if any."""

    cpus: float
    memory_mb: int
    processes: int
    disk_gb: float
    image: str
    network: str
    gpu_uuid: str | None = None


LimitsOf = Callable[[UserName], Limits]


def from_settings(settings: Settings) -> LimitsOf:
    """Give everybody what `[docker]` says."""
    docker = settings.docker
    limits = Limits(docker.cpus, docker.memory_mb, docker.processes, docker.disk_gb, docker.image, docker.network)
    return lambda _user: limits
