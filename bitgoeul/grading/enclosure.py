"""What stands around this process itself, whatever its sandboxes hold: the walls of a locked-down container.

A judge in such a container has a second wall: who leaves a sandbox finds a system with nothing in it, no power over
it and no network. As with the sandbox, nothing counts but what is found: a setting that was forgotten is seen here.
"""

from __future__ import annotations

import os
from pathlib import Path

_POWERS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
_ENGINES = ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock")


def openings(proc: Path = Path("/proc"), root: Path = Path("/")) -> dict[str, str]:
    """Name each wall that is missing, with what was found in its place; empty in a locked-down container."""
    status = dict(line.split(":", 1) for line in (proc / "self/status").read_text().splitlines() if ":" in line)
    found = {name: status.get(name, "?").strip() for name in _POWERS if set(status.get(name, "?").strip()) != {"0"}}
    if "0" in status.get("Uid", "0").split():
        found["Uid"] = "root"
    if status.get("NoNewPrivs", "").strip() != "1":
        found["NoNewPrivs"] = "programs with a setuid bit give rights"
    if status.get("Seccomp", "").strip() != "2":
        found["Seccomp"] = "no filter of system calls"
    cards = [line.split(":")[0].strip() for line in (proc / "self/net/dev").read_text().splitlines() if ":" in line]
    if others := sorted(set(cards) - {"lo"}):
        found["network"] = ", ".join(others)
    if not os.statvfs(root).f_flag & os.ST_RDONLY:
        found["root"] = "the file system can be written to"
    if engines := [name for name in _ENGINES if os.path.exists(root / name.lstrip("/"))]:  # noqa: PTH110 (not in a folder that is shut)
        found["engine"] = ", ".join(engines)
    return found
