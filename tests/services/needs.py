"""What the machine must have for some tests. In CI a skip is a failure; elsewhere it says what is missing."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest


@functools.cache
def _mounts() -> bool:
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        return False
    command = ["unshare", "-m", "sh", "-c", "mount -t tmpfs none /mnt && losetup -f"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def mounts() -> None:
    """Root that may mount in a namespace of its own, with loop devices."""
    if not _mounts():
        pytest.skip("this needs root, loop devices and mkfs.ext4 (sudo apt install e2fsprogs)")


def program(name: str, package: str) -> None:
    """A program in PATH."""
    if shutil.which(name) is None:
        pytest.skip(f"this needs {name} (sudo apt install {package})")


def file(path: str, package: str) -> None:
    """A program outside PATH."""
    if not Path(path).exists():
        pytest.skip(f"this needs {path} (sudo apt install {package})")
