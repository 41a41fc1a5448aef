"""A child that does not outlive its parent: `python -m bitgoeul.hub.tether COMMAND ...`.

The Hub starts the proxy, the service and the labs in sessions of their own, so that Ctrl-C reaches the
Hub alone and it can stop them in order. When the Hub itself is killed, nobody is left to do so: the
kernel then sends each tethered process SIGTERM. Linux only; elsewhere the next start sweeps.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def _prctl() -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl: Callable[..., int] = ctypes.CDLL(None, use_errno=True).prctl
    return prctl


# Looked up once: `die_with` runs between fork and exec, where nothing new may be loaded.
_PRCTL = _prctl()


def die_with(parent: int) -> None:
    """Ask the kernel for SIGTERM when `parent`, this process's parent, ends; end now if it has already."""
    if _PRCTL is None:
        return
    _PRCTL(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def default_signals() -> None:
    """Undo ignored signals: a shell starts background jobs with SIGINT ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, so that none is lost from the process tree."""
    if _PRCTL is not None:
        _PRCTL(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main(argv: list[str]) -> None:
    """Tie this process to its parent, then become the command."""
    die_with(os.getppid())
    default_signals()
    os.execvp(argv[0], argv)  # noqa: S606  the command is the Hub's own, a list, and no shell reads it


if __name__ == "__main__":
    main(sys.argv[1:])
