"""What the Hub may ask of the Docker engine. Pure: a request's body in, its faults or the body to pass on out.

Go reads JSON keys without regard to case, and Python does not; so the body that reaches the engine is never the one
that came, but a new one made of the keys that were checked. A key that is not known is refused unless it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

_USER = re.compile(r"[1-9]\d{0,9}:[1-9]\d{0,9}")
_TMPFS = re.compile(r"rw,nosuid,nodev(,mode=1777)?,size=\d{1,6}m")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_HOOKS = ("NVIDIA_", "LD_", "DOCKER_", "GLIBC_")
_NOTHING: tuple[Any, ...] = (None, False, "", 0)
_TARGETS = ("/home/student", "/srv/course", "/datasets")
_UNMASK = ("MaskedPaths", "ReadonlyPaths")
"""An empty list here is not nothing: it uncovers what the engine hides of the kernel."""

Fault = str
Check = Callable[[Any], bool]


@dataclass(frozen=True)
class Allowed:
    """What labs may be made of. `homes` and `courses` allow their children, `datasets` itself, to be read.

    `devices`: what the lease that a body bears is for; nothing without one.
    """

    images: frozenset[str]
    networks: frozenset[str]
    homes: str
    courses: str
    datasets: str = ""
    devices: frozenset[str] = frozenset()


def create(body: Any, allowed: Allowed) -> tuple[dict[str, Any], list[Fault]]:
    """Check the body of `POST /containers/create`; give what to pass on, and every fault."""
    if not isinstance(body, dict):
        return {}, ["the body is not an object"]
    checks: dict[str, Check] = {
        "Image": lambda value: value in allowed.images,
        "Cmd": texts,
        "Env": lambda value: texts(value) and all(variable(text) for text in value),
        "User": user,
        "WorkingDir": lambda value: isinstance(value, str) and value.startswith("/"),
        "Labels": lambda value: isinstance(value, dict) and texts(list(value.values())) and "bitgoeul.lab" in value,
        "HostConfig": lambda value: isinstance(value, dict),
    }
    passed, faults = checked(body, checks, required=("Image", "User", "Labels", "HostConfig"))
    if "HostConfig" in passed:
        passed["HostConfig"], more = host(passed["HostConfig"], allowed)
        faults += more
    return passed, faults


def host(config: dict[str, Any], allowed: Allowed) -> tuple[dict[str, Any], list[Fault]]:
    """Check the HostConfig in the same way."""
    checks: dict[str, Check] = {
        "NetworkMode": lambda value: value in allowed.networks,
        "Binds": lambda value: texts(value) and all(_bind(text, allowed) for text in value),
        "CapDrop": lambda value: value == ["ALL"],
        "SecurityOpt": lambda value: value == ["no-new-privileges"],
        "ReadonlyRootfs": lambda value: value is True,
        "Init": lambda value: value is True,
        "IpcMode": lambda value: value == "private",
        "Memory": positive,
        "MemorySwap": lambda value: positive(value) and value == config.get("Memory"),
        "NanoCpus": positive,
        "PidsLimit": lambda value: positive(value) and value <= 32768,
        "ShmSize": lambda value: positive(value) and value <= (config.get("Memory") or 0),
        "Tmpfs": _tmpfs,
        "Ulimits": lambda value: isinstance(value, list) and all(_ulimit(one) for one in value),
        "LogConfig": lambda value: isinstance(value, dict) and value.get("Type") == "json-file",
        "DeviceRequests": lambda value: isinstance(value, list) and all(_device(one, allowed) for one in value),
    }
    required = (
        "NetworkMode",
        "CapDrop",
        "SecurityOpt",
        "ReadonlyRootfs",
        "IpcMode",
        "Memory",
        "MemorySwap",
        "PidsLimit",
    )
    return checked(config, checks, required=required)


def checked(
    given: dict[str, Any], checks: dict[str, Check], *, required: tuple[str, ...]
) -> tuple[dict[str, Any], list[Fault]]:
    """Take over the keys whose check says yes; name every other one that says anything, and what is missing."""
    passed, faults = {}, []
    for key, value in given.items():
        if key in checks:
            if checks[key](value):
                passed[key] = value
            else:
                faults.append(f"{key}: {str(value)[:200]}")
        elif key in _UNMASK and value is not None:
            faults.append(f"{key}: {value}")
        elif not _says_nothing(value):
            faults.append(f"{key} is not allowed: {str(value)[:200]}")
    return passed, faults + [f"{key} is missing" for key in required if key not in given]


def _says_nothing(value: Any) -> bool:
    return value in ([], {}) or any(value is nothing for nothing in _NOTHING)


def texts(value: Any) -> bool:
    """Whether it is a list of texts."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def positive(value: Any) -> bool:
    """Whether it is a number that limits anything."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def user(value: Any) -> bool:
    """Whether it is somebody's number, and not root's."""
    return isinstance(value, str) and bool(_USER.fullmatch(value))


def variable(text: str) -> bool:
    """Whether no hook of the engine's, or the loader of a program, is spoken to by it."""
    return bool(_VARIABLE.match(text)) and not text.upper().startswith(_HOOKS)


def _bind(text: str, allowed: Allowed) -> bool:
    parts = text.split(":")
    if len(parts) != 3:
        return False
    source, target, mode = parts
    path = PurePosixPath(source)
    if str(path) != source or ".." in path.parts or target not in _TARGETS:
        return False
    if allowed.datasets and source == allowed.datasets:
        return mode == "ro"
    return (
        mode in ("rw", "ro") and str(path.parent) in (allowed.homes, allowed.courses) and not path.name.startswith(".")
    )


def _tmpfs(value: Any) -> bool:
    return isinstance(value, dict) and all(
        path in ("/tmp", "/run") and isinstance(options, str) and _TMPFS.fullmatch(options)  # noqa: S108  inside
        for path, options in value.items()
    )


def _ulimit(value: Any) -> bool:
    return (
        isinstance(value, dict) and value.get("Name") in ("core", "nofile") and set(value) <= {"Name", "Soft", "Hard"}
    )


def _device(value: Any, allowed: Allowed) -> bool:
    return (
        isinstance(value, dict)
        and set(value) <= {"Driver", "DeviceIDs", "Capabilities", "Count", "Options"}
        and value.get("Driver") == "nvidia"
        and not value.get("Options")
        and not value.get("Count")
        and value.get("Capabilities") == [["gpu"]]
        and texts(value.get("DeviceIDs"))
        and bool(value["DeviceIDs"])
        and set(value["DeviceIDs"]) <= allowed.devices
    )
