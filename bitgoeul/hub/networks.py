"""The three networks of labs, alike on one engine and on each machine of a swarm: names, addresses, the way to the mirror.

Pure. `base` is what the settings call the labs' network; each kind of network has a quarter of the subnet, the last one
is nobody's.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from bitgoeul.profiles import NETWORKS, Network
from bitgoeul.settings import Docker, Settings

Rule = list[str]
Subnet = ipaddress.IPv4Network | ipaddress.IPv6Network

INSIDES = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
"""What is no part of the world: private networks, the metadata of clouds, carriers' own, multicast, reserved."""

ESTABLISHED = ["-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED"]


def name(base: str, kind: Network) -> str:
    """Name the network for labs that may reach so much."""
    return base + ("" if kind == "closed" else f"-{kind}")


def bridge(base: str, kind: Network) -> str:
    """Name its device; Linux allows 15 letters."""
    return base[:13] + {"closed": "", "packages": "-p", "open": "-o"}[kind]


def subnet(whole: str, kind: Network) -> Subnet:
    """Give its addresses."""
    quarters: list[Subnet] = list(ipaddress.ip_network(whole).subnets(prefixlen_diff=2))
    return quarters[NETWORKS.index(kind)]


def hub(docker: Docker, device: str, address: str) -> Rule:
    """Match what labs send to the two ports of the Hub and the service, wherever these are."""
    ports = f"{docker.hub_port},{docker.service_port}"
    return ["-i", device, "-d", address, "-p", "tcp", "-m", "multiport", "--dports", ports]


def mirror(docker: Docker, kind: Network, device: str, verdict: str) -> list[Rule]:
    """Judge what labs send to the mirror of packages; no rule where there is none, or they may not reach it."""
    if not docker.package_index or kind == "closed":
        return []
    url = urlsplit(docker.package_index)
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    return [["-i", device, "-d", str(url.hostname), "-p", "tcp", "--dport", str(port), "-j", verdict]]


def walls(docker: Docker, kind: Network, device: str, address: str) -> list[Rule]:
    """Rules for what labs send to the machine they run on: the Hub's two ports and the mirror; nothing else of it."""
    return [
        ["-i", device, *ESTABLISHED, "-j", "ACCEPT"],
        [*hub(docker, device, address), "-j", "ACCEPT"],
        *mirror(docker, kind, device, "ACCEPT"),
        ["-i", device, "-j", "DROP"],
    ]


def images(settings: Settings) -> frozenset[str]:
    """Name every image that a lab of this academy may be made of."""
    return frozenset({settings.docker.image, *(cohort.image for cohort in settings.cohorts.values() if cohort.image)})
