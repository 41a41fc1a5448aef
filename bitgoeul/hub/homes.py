"""Homes of a fixed size on any file system: a sparse ext4 image a person, mounted by who is root.

Project quotas would be cheaper, but ext4 takes them only when the server's disk was made for them. An image is a
hard limit that needs nothing of the server but loop devices: writing beyond it is ENOSPC inside, and nobody else's
disk fills. What it costs: space that a person frees comes back to the server only by `fstrim`, and a home never shrinks.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bitgoeul.errors import NotAllowed, StorageFull

_GIGABYTE = 1_000_000_000
_ENVIRONMENT = {"PATH": os.defpath + ":/usr/sbin:/sbin", "LC_ALL": "C"}
_FULL = 1_000_000


def ensure(folder: Path, *, disk_gb: float, uid: int) -> None:
    """Make `folder` a home that holds no more than `disk_gb`; run again it only grows. 0: a plain folder."""
    if folder.is_symlink():  # who could put one here would be given what it leads to
        raise NotAllowed(
            ko=f"{folder}은(는) 링크입니다. 홈은 폴더여야 합니다. 운영자가 지워야 합니다.",
            en=f"{folder} is a link, not a folder of its own. The operator has to take it away.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    if not disk_gb:
        if not folder.is_mount() and folder.stat().st_uid != uid:
            os.chown(folder, uid, uid, follow_symlinks=False)
        return
    image = folder.with_name(f".{folder.name}.ext4")
    size = int(disk_gb * _GIGABYTE) // 4096 * 4096
    _make(image, size, uid)
    if image.stat().st_size < size and (not folder.is_mount() or _unmounted(folder)):
        _grow(image, size)
    if not folder.is_mount():
        _run("mount", "-o", "loop,nosuid,nodev,discard", str(image), str(folder))


def _make(image: Path, size: int, uid: int) -> None:
    if image.exists():
        return
    part = image.with_suffix(".part")
    with part.open("wb") as file:
        file.truncate(size)
    _run("mkfs.ext4", "-q", "-m", "0", "-E", f"root_owner={uid}:{uid},lazy_itable_init=1", str(part))
    part.replace(image)


def _unmounted(folder: Path) -> bool:
    """Let go of a home that no lab uses; one in use grows at its person's next start."""
    return subprocess.run(["umount", str(folder)], env=_ENVIRONMENT, capture_output=True, check=False).returncode == 0


def _grow(image: Path, size: int) -> None:
    """Unmounted, since growing a mounted one takes a right (CAP_SYS_RESOURCE) that not every root has."""
    _run("e2fsck", "-f", "-p", str(image))
    os.truncate(image, size)
    _run("resize2fs", str(image))


def release(folder: Path) -> None:
    """Unmount every home below `folder`; the academy has ended."""
    for home in folder.iterdir() if folder.is_dir() else ():
        if home.is_mount():
            _run("umount", str(home))


def is_full(folder: Path) -> bool:
    """Say whether nothing more can be written to a home."""
    try:
        room = os.statvfs(folder)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < _FULL


def _run(*command: str) -> str:
    done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        why = done.stderr.strip()
        raise StorageFull(
            ko=f"홈 디스크를 준비하지 못했습니다({command[0]}: {why}). 디스크와 loop 장치를 살펴보거나 기수의 disk_gb를 0으로 두십시오.",
            en=f"The home's disk could not be prepared ({command[0]}: {why}). Look at the disk and its loop devices, "
            "or set the cohort's disk_gb to 0.",
        )
    return done.stdout
