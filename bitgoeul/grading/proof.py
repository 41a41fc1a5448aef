"""The isolation level of this machine: what a self-test proved, never what was configured."""

from __future__ import annotations

import json
import os
import secrets
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitgoeul.errors import SandboxUnavailable
from bitgoeul.grading import enclosure, launch, probes
from bitgoeul.grading.sandbox import Ended, Sandbox
from bitgoeul.settings import Grading, Level

# Small, so that going over each limit takes no time.
_SMALL = Grading(memory_mb=256, disk_mb=16, max_files=300, processes=32, cell_seconds=30, total_seconds=30)
# Variables that IPython's kernel sets for itself.
_OF_THE_KERNEL = (
    "LC_CTYPE",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "FORCE_COLOR",
    "GIT_PAGER",
    "PAGER",
    "PYDEVD_USE_FRAME_EVAL",
)
_lock = threading.Lock()
_proved: list[Proof] = []


@dataclass(frozen=True)
class Proof:
    """What the self-test found. `open` names each probe that got through, with what it reached."""

    level: Level
    open: dict[str, str]


def prove() -> Level:
    """Give the proved level: `none` unless every probe was held, and more in a container that holds, too."""
    return proof().level


def proof() -> Proof:
    """Run the self-test once in this process; a failure is tried again at the next call."""
    with _lock:
        if not _proved:
            found = examine(Sandbox(_SMALL))
            if found.level == "none":
                return found
            _proved.append(found)
        return _proved[0]


def examine(sandbox: Sandbox) -> Proof:
    """Run all probes in the given sandbox."""
    token = secrets.token_hex(16)
    try:
        with _bait(token) as bait:
            told = {**sandbox.limits(), "max_files": sandbox.grading.max_files, **bait}
            program = Path(probes.__file__).read_text(encoding="utf-8")
            ended = sandbox.run({"program": program, "arguments": told}, {}, seconds=60)
    except SandboxUnavailable as error:
        return Proof("none", {"start": error.text.en})
    got_through = _read(ended)
    if _still_runs(token):
        got_through["daemon"] = "a process outlived its job"
    if got_through:
        return Proof("none", got_through)
    return Proof("namespaces" if enclosure.openings() else "container+namespaces", {})


@contextmanager
def _bait(token: str) -> Iterator[dict[str, Any]]:
    """Lay out what the probes look for on this machine."""
    with (
        tempfile.NamedTemporaryFile("w", prefix="bitgoeul-probe-") as canary,
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as named,
    ):
        canary.write("a file of the machine\n")
        canary.flush()
        os.chmod(canary.name, 0o644)  # noqa: PTH101 (anybody may read it, so only isolation keeps it away)
        named.bind("\0" + token)
        named.listen()
        yield {
            "canary": canary.name,
            "port": listener.getsockname()[1],
            "abstract": token,
            "service": os.getpid(),
            "pid_namespace": os.readlink("/proc/self/ns/pid"),  # noqa: PTH115
            "variables": [*launch.environment_inside(""), *_OF_THE_KERNEL],
        }


def _read(ended: Ended) -> dict[str, str]:
    """Read what the probes wrote; a probe that is missing counts as open."""
    told: Any = {}
    words = ""
    for line in ended.lines:
        try:
            message = json.loads(line)
            told, words = message.get("probes", told), message.get("failed", words)
        except (ValueError, AttributeError):
            continue
    if not isinstance(told, dict):
        told = {}
    missing = f"no answer ({ended.reason}; {words})"
    names = [probe.__name__ for probe in probes.PROBES]
    return {name: str(told.get(name, missing)) for name in names if told.get(name, missing) is not None}


def _still_runs(token: str) -> bool:
    for process in Path("/proc").iterdir():
        try:
            if token.encode() in (process / "cmdline").read_bytes():
                return True
        except OSError:
            continue
    return False
