"""What a build without registry and index needs, made beforehand: a base image by debootstrap, a folder of wheels."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Protocol

from bitgoeul.images.building import ImageFailed

PACKAGES = ("python3", "python3-venv", "ca-certificates", "locales", "fonts-nanum")
"""What `images/base/system.sh` wants to find."""

_ENVIRONMENT = {"PATH": os.defpath + ":/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}


class _Engine(Protocol):
    images: Any
    api: Any


def debootstrap(archive: Path, *, suite: str = "bookworm", mirror: str = "") -> None:
    """Make a root file system from a Debian or Ubuntu mirror and pack it into `archive`. Needs root.

    Without `mirror` it comes from the one that debootstrap knows for the suite.
    """
    program = shutil.which("debootstrap", path=_ENVIRONMENT["PATH"])
    if program is None or os.geteuid() != 0:
        raise ImageFailed(
            ko="debootstrap을 root로 실행해야 합니다. `sudo apt install debootstrap` 뒤에 sudo로 다시 하십시오.",
            en="debootstrap has to be there and to run as root: `sudo apt install debootstrap`, then run this with sudo.",
        )
    components = "main,universe" if suite == "noble" else "main"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        arguments = ["--variant=minbase", f"--components={components}", f"--include={','.join(PACKAGES)}"]
        _ran([program, *arguments, suite, str(root), *([mirror] if mirror else [])])
        for waste in ("var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(root / waste)
            (root / waste / "partial").mkdir(parents=True)
        archive.parent.mkdir(parents=True, exist_ok=True)
        part = archive.with_suffix(".part")
        _ran(["tar", "--numeric-owner", "--sort=name", "-C", str(root), "--exclude=./dev/*", "-cf", str(part), "."])
        part.replace(archive)


def import_base(client: _Engine, archive: Path, name: str) -> None:
    """Give the engine a packed root file system as an image, as `docker import` does."""
    repository, _, tag = name.partition(":")
    with archive.open("rb") as file:
        answer = client.api.import_image_from_data(file, repository=repository, tag=tag or "latest")
    if "error" in str(answer):
        raise ImageFailed(ko=f"바탕 이미지를 들여오지 못했습니다: {answer}", en=f"The base was not imported: {answer}")


def wheels(folder: Path, constraints: Path, project: Path, *, python: str = "", deep: bool = False) -> None:
    """Fetch every wheel that images and servers install, for this Python or for another version of it ("3.12")."""
    folder.mkdir(parents=True, exist_ok=True)
    extras = "server,curriculum,node,deep" if deep else "server,curriculum,node"
    other = ["--python-version", python, "--only-binary", ":all:"] if python else []
    pip = [sys.executable, "-m", "pip", "download", "-q", "-d", str(folder), "-c", str(constraints), *other]
    # A server installs the project from its folder, which takes what builds it.
    _ran([*pip, *_requirements(project, extras), "setuptools>=77"], environment=dict(os.environ), cwd=project)


def _requirements(project: Path, extras: str) -> list[str]:
    """Name what our package needs, so that pip does not have to build it; an older install would know older needs."""
    from packaging.requirements import Requirement

    told = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [told["dependencies"], *(told["optional-dependencies"][extra] for extra in extras.split(","))]
    found = []
    for text in itertools.chain(*wanted):
        one = Requirement(text)
        if one.marker is None or one.marker.evaluate():
            extra = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
            found.append(f"{one.name}{extra}{one.specifier}")
    return found


def _ran(command: list[str], *, environment: dict[str, str] | None = None, cwd: Path | None = None) -> None:
    done = subprocess.run(
        command, env=environment or _ENVIRONMENT, cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        tail = (done.stdout + done.stderr)[-1500:]
        raise ImageFailed(ko=f"{command[0]}이(가) 실패했습니다:\n{tail}", en=f"{command[0]} failed:\n{tail}")
