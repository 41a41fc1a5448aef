"""Builds images on an engine, and measures what came out: size, packages, CPU seconds of a start."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound

from bitgoeul.errors import BitgoeulError
from bitgoeul.images.context import Sources, check, context
from bitgoeul.images.rules import Image, order

Say = Callable[[str], None]
_MEGABYTE = 1_000_000
_MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1], shell=True, capture_output=True, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"seconds": used.ru_utime + used.ru_stime, "exit": done.returncode, "said": (done.stdout + done.stderr)[-500:]}))
"""


class ImageFailed(BitgoeulError):
    """An image could not be built, or does not start."""

    code = "image-failed"


@dataclass(frozen=True)
class Measured:
    """One built image. `startup_seconds` are CPU seconds until what it is for answers."""

    name: str
    parent: str | None
    megabytes: float
    added_megabytes: float
    packages: int
    startup_seconds: float


def engine(url: str) -> Any:
    """Connect; raise `ImageFailed` if no engine answers there."""
    try:
        client = docker.DockerClient(base_url=url, version="auto", timeout=600)
        client.ping()
    except DockerException as error:
        raise ImageFailed(
            ko=f"{url}에서 Docker 엔진이 답하지 않습니다({error}). `bitgoeul doctor`가 까닭을 찾아 줍니다.",
            en=f"No Docker engine answers at {url} ({error}). `bitgoeul doctor` finds out why.",
        ) from None
    return client


def reference(name: str, tag: str) -> str:
    """Name an image as the engine knows it."""
    return f"bitgoeul/{name}:{tag}"


@dataclass(frozen=True)
class Build:
    """How images are built: on which base, from which parts, under which tag; `fresh` reuses no earlier step."""

    base: str
    sources: Sources
    tag: str = "latest"
    network: str | None = None
    fresh: bool = False


def build(client: Any, images: dict[str, Image], wanted: Iterable[str], how: Build, say: Say) -> list[Measured]:
    """Build `wanted` and what they stand on; raise `ImageFailed` with the last lines of the step that failed."""
    check(how.sources)
    measured = []
    chosen = order(wanted, images)
    for number, image in enumerate(chosen, 1):
        say(f"[{number}/{len(chosen)}] {image.name}")
        _build(client, image, how, say)
        measured.append(measure(client, image, how.tag))
    return measured


def _build(client: Any, image: Image, how: Build, say: Say) -> None:
    said: list[str] = []
    with context(image, how.sources) as tar:
        steps = client.api.build(
            fileobj=tar,
            custom_context=True,
            tag=reference(image.name, how.tag),
            buildargs={"TAG": how.tag} if image.parent else {"BASE": how.base},
            network_mode=how.network,
            nocache=how.fresh,
            rm=True,
            forcerm=True,
            decode=True,
        )
        for step in steps:
            text = str(step.get("stream") or step.get("status") or "").rstrip()
            said.append(text)
            if text.startswith("Step "):
                say(f"    {text}")
            if "error" in step:
                tail = "\n".join([*[line for line in said if line][-15:], str(step["error"])])
                raise ImageFailed(
                    ko=f"{image.name} 이미지를 만들지 못했습니다:\n{tail}",
                    en=f"The image {image.name} could not be built:\n{tail}",
                )


def sbom(client: Any, name: str, tag: str) -> dict[str, Any]:
    """List what a built image holds, as CycloneDX."""
    text = _run(client, reference(name, tag), ["python3", "/opt/build/sbom.py"])
    found: dict[str, Any] = json.loads(text)
    return found


def write_sboms(client: Any, names: Iterable[str], tag: str, folder: Path) -> None:
    """Write one file an image: `<name>.cdx.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        text = json.dumps(sbom(client, name, tag), indent=1, ensure_ascii=False) + "\n"
        (folder / f"{name}.cdx.json").write_text(text, encoding="utf-8")


def measure(client: Any, image: Image, tag: str) -> Measured:
    """Ask a built image; raise `ImageFailed` if what it is for does not start."""
    about = client.images.get(reference(image.name, tag))
    parent = client.images.get(reference(image.parent, tag)).attrs["Size"] if image.parent else 0
    command = about.labels.get("bitgoeul.startup", "true")
    answer = json.loads(_run(client, about.id, ["python3", "-c", _MEASURE, command]))
    if answer["exit"] != 0:
        raise ImageFailed(
            ko=f"{image.name} 이미지가 시작되지 않습니다({command}):\n{answer['said']}",
            en=f"The image {image.name} does not start ({command}):\n{answer['said']}",
        )
    size = about.attrs["Size"]
    packages = len(sbom(client, image.name, tag)["components"])
    return Measured(
        image.name, image.parent, size / _MEGABYTE, (size - parent) / _MEGABYTE, packages, answer["seconds"]
    )


def _run(client: Any, image: str, command: list[str]) -> str:
    output: bytes = client.containers.run(
        image, command, remove=True, network_mode="none", cap_drop=["ALL"], security_opt=["no-new-privileges"]
    )
    return output.decode()


def present(client: Any, images: dict[str, Image], tag: str) -> dict[str, int | None]:
    """Give each image's size in bytes, or None where it is not built."""
    found: dict[str, int | None] = {}
    for name in images:
        try:
            found[name] = client.images.get(reference(name, tag)).attrs["Size"]
        except (ImageNotFound, APIError):
            found[name] = None
    return found


def table(measured: Iterable[Measured]) -> str:
    """Write the figures as Markdown."""
    head = (
        "# Images\n\nWritten by `bitgoeul images build`. Sizes in MB, unpacked; start-up in CPU seconds of this machine, one run.\n\n"
        "| image | stands on | MB | of its own | packages | start-up, CPU s |\n|---|---|--:|--:|--:|--:|\n"
    )
    rows = (
        f"| {one.name} | {one.parent or '-'} | {one.megabytes:.0f} | {one.added_megabytes:.0f} | {one.packages} "
        f"| {one.startup_seconds:.2f} |\n"
        for one in measured
    )
    return head + "".join(rows)
