"""The academy's images on an engine of the tests, built as an air-gapped company would: no registry, no index."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from bitgoeul.images import building, offline
from bitgoeul.images.context import Sources
from bitgoeul.images.rules import read

BASE = "bitgoeul-base-system:latest"


@dataclass(frozen=True)
class Built:
    """What was built, from what."""

    tag: str
    how: building.Build
    measured: dict[str, building.Measured]
    said: tuple[str, ...]


def parts(root: Path) -> tuple[Path, Path]:
    """Give the base's archive and the folder of wheels; kept in .cache/ by what they were made from."""
    known = hashlib.sha256((root / "constraints.txt").read_bytes() + (root / "pyproject.toml").read_bytes())
    archive = root / ".cache" / "images" / f"bookworm-{'-'.join(offline.PACKAGES)}.tar"
    wheels = root / ".cache" / "images" / f"wheels-{known.hexdigest()[:12]}"
    if not archive.exists():
        offline.debootstrap(archive)
    if not (wheels / "complete").exists():
        offline.wheels(wheels, root / "constraints.txt", root)
        (wheels / "complete").touch()
    return archive, wheels


def build(url: str, root: Path, folder: Path, wanted: list[str]) -> Built:
    """Build `wanted` with no network at all."""
    archive, wheels = parts(root)
    client = building.engine(url)
    offline.import_base(client, archive, BASE)
    how = building.Build(BASE, Sources(root / "constraints.txt", wheels), "tests", "none")
    said: list[str] = []
    measured = building.build(client, read(root / "images"), wanted, how, said.append)
    building.write_sboms(client, [one.name for one in measured], how.tag, folder)
    client.close()
    return Built(how.tag, how, {one.name: one for one in measured}, tuple(said))
