"""What the engine is sent to build one image: its folder, our wheel, the wheels of others, certificates."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from bitgoeul.errors import InputError
from bitgoeul.images.rules import Image
from bitgoeul.images.wheel import our_wheel

_INSTALL = Path(__file__).with_name("install.sh")


@dataclass(frozen=True)
class Sources:
    """Where a build takes its parts from. Without `wheels` Python's packages come from the index."""

    constraints: Path
    wheels: Path | None = None
    certificates: tuple[Path, ...] = ()


def check(sources: Sources) -> None:
    """Raise `InputError` with the first thing that is not there."""
    for path in (sources.constraints, *sources.certificates, *([sources.wheels] if sources.wheels else [])):
        if not path.exists():
            raise InputError(ko=f"{path}이(가) 없습니다. 경로를 고치십시오.", en=f"{path} is not there. Mend the path.")
    if sources.wheels and not any(sources.wheels.glob("*.whl")):
        raise InputError(
            ko=f"{sources.wheels} 폴더에 wheel이 없습니다. `bitgoeul images wheels`로 채우십시오.",
            en=f"The folder {sources.wheels} has no wheel. Fill it with `bitgoeul images wheels`.",
        )


def context(image: Image, sources: Sources) -> IO[bytes]:
    """Give the tar; names sorted, dates and owners taken away, so that the engine knows what it has built before."""
    whole = TemporaryFile()  # noqa: SIM115  the caller closes it
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for name, data in _parts(image, sources):
            entry = tarfile.TarInfo(name)
            if data is None:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)
            elif isinstance(data, Path):
                entry.size = data.stat().st_size
                with data.open("rb") as file:
                    archive.addfile(entry, file)
            else:
                entry.size = len(data)
                archive.addfile(entry, BytesIO(data))
    whole.seek(0)
    return whole


def _parts(image: Image, sources: Sources) -> Iterator[tuple[str, Path | bytes | None]]:
    for path in sorted(image.folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(image.folder)), path
    text = (image.folder / "Dockerfile").read_text(encoding="utf-8")
    if "ca/" in text:
        yield "ca", None
        for path in sources.certificates:
            yield f"ca/{path.stem}.crt", path
    if "wheels/" in text:
        name, data = our_wheel()
        yield f"wheels/{name}", data
        yield "constraints.txt", sources.constraints
        yield "install.sh", _INSTALL
        for path in sorted(sources.wheels.glob("*.whl")) if sources.wheels else ():
            yield f"wheels/{path.name}", path
