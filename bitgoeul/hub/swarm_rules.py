"""What the Hub may ask of a Docker Swarm. Pure: a request's body in, its faults or the body to pass on out.

As with containers (`engine_rules`) the body that reaches the engine is a new one made of the keys that were checked.
What is the same for every lab has to be exactly that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bitgoeul.hub import swarm_services as ours
from bitgoeul.hub.containers import COURSE, DATASETS, HOME, LABEL, ULIMITS
from bitgoeul.hub.engine_rules import Check, Fault, checked, positive, texts, user, variable

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,61}[a-z0-9]")
_MACHINE = re.compile(r"node\.id==[a-z0-9]{1,40}")
_VISIBLE = "NVIDIA_VISIBLE_DEVICES"
_NO_DEVICE = "void"
"""What NVIDIA's runtime reads as none; without it, an image of NVIDIA's own would show every device of its machine."""


@dataclass(frozen=True)
class AllowedServices:
    """What labs may be made of. `volumes` begins the names of homes; `homes` and `courses` allow their children.

    `devices`: what the lease that a body bears is for; nothing without one.
    """

    academy: str
    images: frozenset[str]
    networks: frozenset[str]
    volumes: str
    courses: str
    homes: str = ""
    datasets: str = ""
    devices: frozenset[str] = frozenset()


def create(body: Any, allowed: AllowedServices) -> tuple[dict[str, Any], list[Fault]]:
    """Check the body of `POST /services/create`; give what to pass on, and every fault."""
    if not isinstance(body, dict):
        return {}, ["the body is not an object"]
    checks: dict[str, Check] = {
        "Name": lambda value: (
            isinstance(value, str) and bool(_NAME.fullmatch(value)) and value.startswith(f"{allowed.academy}-")
        ),
        "Labels": lambda value: _labels(value, allowed),
        "TaskTemplate": lambda value: isinstance(value, dict),
        "Mode": lambda value: value == ours.MODE,
        "EndpointSpec": lambda value: value == ours.ENDPOINT,
    }
    passed, faults = checked(body, checks, required=tuple(checks))
    if "TaskTemplate" in passed:
        passed["TaskTemplate"], more = task(passed["TaskTemplate"], allowed)
        faults += more
    return passed, faults


def task(given: dict[str, Any], allowed: AllowedServices) -> tuple[dict[str, Any], list[Fault]]:
    """Check the TaskTemplate in the same way."""
    checks: dict[str, Check] = {
        "ContainerSpec": lambda value: isinstance(value, dict),
        "Resources": lambda value: _resources(value, allowed),
        "RestartPolicy": lambda value: value == ours.RESTART,
        "Placement": _placement,
        "Networks": lambda value: any(value == [{"Target": name}] for name in allowed.networks),
        "LogDriver": lambda value: value == ours.LOG,
    }
    passed, faults = checked(given, checks, required=tuple(checks))
    if "ContainerSpec" in passed:
        passed["ContainerSpec"], more = container(passed["ContainerSpec"], allowed)
        faults += more
    return passed, faults


def container(given: dict[str, Any], allowed: AllowedServices) -> tuple[dict[str, Any], list[Fault]]:
    """Check the ContainerSpec in the same way."""
    checks: dict[str, Check] = {
        "Image": lambda value: value in allowed.images,
        "Args": texts,
        "Env": lambda value: texts(value) and all(variable(text) for text in value),
        "Dir": lambda value: value == HOME,
        "User": user,
        "Labels": lambda value: _labels(value, allowed),
        "Mounts": lambda value: isinstance(value, list) and all(_mount(one, allowed) for one in value),
        "ReadOnly": lambda value: value is True,
        "Init": lambda value: value is True,
        "CapabilityDrop": lambda value: value == ["ALL"],
        "Privileges": lambda value: value == ours.PRIVILEGES,
        "Ulimits": lambda value: value == ULIMITS,
        "StopGracePeriod": lambda value: value == ours.GRACE,
    }
    return checked(given, checks, required=tuple(key for key in checks if key not in ("Args", "Env", "Dir")))


def finished(passed: dict[str, Any], *, image: str, devices: frozenset[str]) -> dict[str, Any]:
    """Put in what the Hub has no say in: the image as all machines find the same one, and which device is seen."""
    given = passed["TaskTemplate"]["ContainerSpec"]
    visible = f"{_VISIBLE}={','.join(sorted(devices)) or _NO_DEVICE}"
    whole = {**given, "Image": image, "Env": [*given.get("Env", ()), visible]}
    return {**passed, "TaskTemplate": {**passed["TaskTemplate"], "ContainerSpec": whole}}


def pinned(name: str, found: dict[str, Any]) -> str:
    """Name an image by its contents, from what the engine says of it.

    One from a registry by its digest there, which machines fetch where they lack it; one that was built and carried
    by hand by its id, for which no machine asks a registry that nobody has.
    """
    repository = name.rsplit(":", 1)[0]
    digests = [text for text in found.get("RepoDigests") or () if text.startswith(f"{repository}@")]
    return str(digests[0] if digests else found["Id"])


def _labels(value: Any, allowed: AllowedServices) -> bool:
    return (
        isinstance(value, dict)
        and texts(list(value.values()))
        and all(key.startswith("bitgoeul.") for key in value)
        and bool(value.get(LABEL))
        and bool(value.get(ours.SERVICE))
        and value.get(ours.ACADEMY) == allowed.academy
    )


def _placement(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"Constraints"}
        and texts(value["Constraints"])
        and value["Constraints"][:1] == [ours.FOR_LABS]
        and all(_MACHINE.fullmatch(text) for text in value["Constraints"][1:])
    )


def _resources(value: Any, allowed: AllowedServices) -> bool:
    if not isinstance(value, dict) or set(value) != {"Limits", "Reservations"}:
        return False
    limits, kept = value["Limits"], value["Reservations"]
    if not isinstance(limits, dict) or not isinstance(kept, dict):
        return False
    if set(limits) != {"NanoCPUs", "MemoryBytes", "Pids"} or not all(map(positive, limits.values())):
        return False
    if set(kept) - {"GenericResources"} != {"NanoCPUs", "MemoryBytes"} or limits["Pids"] > 32768:
        return False
    within = all(type(kept[key]) is int and 0 <= kept[key] <= limits[key] for key in ("NanoCPUs", "MemoryBytes"))
    asked = kept.get("GenericResources", [])
    return within and (asked == [] or any(asked == [_one(device)] for device in allowed.devices))


def _one(device: str) -> dict[str, Any]:
    return {"DiscreteResourceSpec": {"Kind": device, "Value": 1}}


def _mount(value: Any, allowed: AllowedServices) -> bool:
    if not isinstance(value, dict):
        return False
    if value.get("Type") == "tmpfs":
        return _tmpfs(value)
    shape = {"Type", "Source", "Target", "ReadOnly"}
    if set(value) != shape or type(value["ReadOnly"]) is not bool or not isinstance(value["Source"], str):
        return False
    if value["Type"] == "volume":
        source, begins = value["Source"], allowed.volumes
        return value["Target"] == HOME and source.startswith(begins) and bool(_NAME.fullmatch(source))
    return value["Type"] == "bind" and _bind(value["Source"], value["Target"], allowed, read_only=value["ReadOnly"])


def _bind(source: str, target: Any, allowed: AllowedServices, *, read_only: bool) -> bool:
    path = PurePosixPath(source)
    if str(path) != source or ".." in path.parts or not path.is_absolute():
        return False
    if target == DATASETS:
        return bool(allowed.datasets) and source == allowed.datasets and read_only
    folder = {HOME: allowed.homes, COURSE: allowed.courses}.get(target, "")
    return bool(folder) and str(path.parent) == folder and not path.name.startswith(".")


def _tmpfs(value: dict[str, Any]) -> bool:
    options = value.get("TmpfsOptions")
    return (
        set(value) == {"Type", "Target", "TmpfsOptions"}
        and value["Target"] in ours.TMPFS
        and isinstance(options, dict)
        and set(options) == {"SizeBytes", "Mode"}
        and positive(options["SizeBytes"])
        and options["Mode"] == 0o1777
    )
