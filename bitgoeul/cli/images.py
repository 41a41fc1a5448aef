"""`bitgoeul images`: builds the images of labs, graders and the service, and says what is there."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bitgoeul.hub.node import PROJECT
from bitgoeul.images import building, offline
from bitgoeul.images.context import Sources
from bitgoeul.images.rules import read

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
Tag = Annotated[str, typer.Option(help="the images' tag")]


def _engine_url() -> str:
    return os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@app.command()
def build(
    image: Annotated[list[str] | None, typer.Argument(help="all, if none is named")] = None,
    *,
    base: Annotated[
        str, typer.Option(help="Debian 12 or Ubuntu 24.04: a name that the engine knows, or a .tar")
    ] = "debian:12",
    wheels: Annotated[Path | None, typer.Option(help="a folder of wheels: no index is asked then")] = None,
    ca: Annotated[
        list[Path] | None, typer.Option(help="a certificate authority that labs trust; may be repeated")
    ] = None,
    tag: Tag = "latest",
    network: Annotated[str | None, typer.Option(help="the build's network; none: without any")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="reuse no step of an earlier build")] = False,
    sbom: Annotated[Path, typer.Option(help="where the lists of packages go")] = PROJECT / "build" / "sbom",
    table: Annotated[Path, typer.Option(help="where the figures go")] = PROJECT
    / "benchmarks"
    / "results"
    / "images.md",
) -> None:
    """Build images and what they stand on; write their lists of packages and the table of sizes and start-up."""
    client = building.engine(_engine_url())
    images = read(PROJECT / "images")
    if base.endswith(".tar"):
        _say(f"바탕을 들여옵니다 / importing the base: {base}")
        offline.import_base(client, Path(base), "bitgoeul-base-system:latest")
        base = "bitgoeul-base-system:latest"
    sources = Sources(PROJECT / "constraints.txt", wheels, tuple(ca or ()))
    how = building.Build(base, sources, tag, network, fresh)
    try:
        measured = building.build(client, images, image or (), how, _say)
        building.write_sboms(client, [one.name for one in measured], tag, sbom)
        built = {one.name for one in measured}
        others = [name for name, size in building.present(client, images, tag).items() if size and name not in built]
        measured += [building.measure(client, images[name], tag) for name in others]
    finally:
        client.close()
    text = building.table(one for name in images for one in measured if one.name == name)
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text(text, encoding="utf-8")
    _say(text)


@app.command("list")
def list_(tag: Tag = "latest") -> None:
    """Show the tree of images and which of them the engine has."""
    client = building.engine(_engine_url())
    images = read(PROJECT / "images")
    for name, size in building.present(client, images, tag).items():
        there = f"{size / 1e6:7.0f} MB" if size is not None else "         -"
        _say(f"{name:<14}{there}  FROM {images[name].parent or 'BASE'}")
    client.close()


@app.command()
def debootstrap(
    archive: Annotated[Path, typer.Argument(help="the .tar to write")],
    suite: Annotated[str, typer.Option(help="bookworm (Debian 12) or noble (Ubuntu 24.04)")] = "bookworm",
    mirror: Annotated[str, typer.Option(help="a Debian or Ubuntu mirror; the public one by default")] = "",
) -> None:
    """Make the base of an air-gapped build from a Debian mirror; needs root."""
    offline.debootstrap(archive, suite=suite, mirror=mirror)
    _say(f"{archive}")


@app.command()
def wheels(
    folder: Annotated[Path, typer.Argument(help="the folder to fill")],
    python: Annotated[str, typer.Option(help="the base's Python, if it is not this one: 3.12")] = "",
    *,
    deep: Annotated[bool, typer.Option("--deep", help="torch too, for notebook-gpu")] = False,
) -> None:
    """Fetch, on a machine with a network, the wheels of an air-gapped build."""
    offline.wheels(folder, PROJECT / "constraints.txt", PROJECT, python=python, deep=deep)
    _say(f"{folder}: {len(list(folder.glob('*.whl')))} wheels")
