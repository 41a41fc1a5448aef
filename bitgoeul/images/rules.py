"""The tree of images, read from each Dockerfile's last FROM. It is listed nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bitgoeul.errors import InputError, shorten

_FROM = re.compile(r"^FROM\s+(\S+)", re.MULTILINE | re.IGNORECASE)
_OURS = re.compile(r"^bitgoeul/([a-z0-9-]+):")


@dataclass(frozen=True)
class Image:
    """One folder of `images/`. `parent` is another of ours, or None for what stands on a foreign base."""

    name: str
    folder: Path
    parent: str | None


def read(folder: Path) -> dict[str, Image]:
    """Read every folder that has a Dockerfile, by name; parents before children."""
    found = {
        path.parent.name: Image(path.parent.name, path.parent, _parent(path))
        for path in sorted(folder.glob("*/Dockerfile"))
    }
    for image in found.values():
        if image.parent is not None and image.parent not in found:
            raise InputError(
                ko=f"{image.name} 이미지의 바탕 bitgoeul/{image.parent}이(가) {folder}에 없습니다. FROM을 고치십시오.",
                en=f"The image {image.name} stands on bitgoeul/{image.parent}, which {folder} lacks. Mend its FROM.",
            )
    return {
        image.name: image for image in sorted(found.values(), key=lambda one: (len(line(one.name, found)), one.name))
    }


def _parent(dockerfile: Path) -> str | None:
    names = _FROM.findall(dockerfile.read_text(encoding="utf-8"))
    if not names:
        raise InputError(
            ko=f"{dockerfile}에 FROM이 없습니다. 바탕 이미지를 적으십시오.",
            en=f"{dockerfile} has no FROM. Name the image it stands on.",
        )
    ours = _OURS.match(names[-1])
    return ours[1] if ours else None


def line(name: str, images: dict[str, Image]) -> list[str]:
    """Give an image and what it stands on, itself last; raise `InputError` for a circle or an unknown name."""
    if name not in images:
        raise InputError(
            ko=f"{shorten(name)} 이미지는 없습니다. 있는 것: {', '.join(images)}",
            en=f"There is no image {shorten(name)}. There are: {', '.join(images)}",
        )
    found = [name]
    while (parent := images[found[0]].parent) is not None:
        if parent in found:
            raise InputError(
                ko=f"{name} 이미지의 FROM이 제자리로 돌아옵니다: {' → '.join(found)}",
                en=f"The FROM of the image {name} comes round in a circle: {' → '.join(found)}",
            )
        found.insert(0, parent)
    return found


def order(wanted: Iterable[str], images: dict[str, Image]) -> list[Image]:
    """Say what to build for `wanted`, parents first and each once; everything if nothing is wanted."""
    needed = {name for one in wanted or images for name in line(one, images)}
    return [image for name, image in images.items() if name in needed]
