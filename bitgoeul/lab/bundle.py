"""A folder's files as one deterministic tar, and back.

The same files always make the same bytes (sorted by name, no times, no owners), so a receipt's SHA-256 can
be checked against the folder years later. Only regular files travel; their names are relative and NFC.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import shutil
import tarfile
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from bitgoeul.errors import InputError, Text, shorten

CHUNK = 1 << 18
IGNORE = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback")
Tell = Callable[[Text], None]


@dataclass(frozen=True)
class Rules:
    """Which files travel. Globs match a base name, as nbgrader's own do; sizes are in bytes."""

    ignore: tuple[str, ...] = IGNORE
    include: tuple[str, ...] = ("*",)
    max_file_bytes: int | None = None


def files_of(folder: Path, rules: Rules, tell: Tell = lambda _: None) -> dict[str, Path]:
    """Find the files that travel, by their name in the tar; `tell` hears of each that is left out unasked."""
    found: dict[str, Path] = {}
    for path in _walk(folder, rules.ignore):
        shown = path.relative_to(folder).as_posix()
        if not any(fnmatch.fnmatch(path.name, glob) for glob in rules.include):
            continue
        if not path.is_file():
            tell(Text(f"일반 파일이 아니어서 뺐습니다: {shown}", f"Left out, as it is no regular file: {shown}"))
        elif rules.max_file_bytes is not None and path.stat().st_size > rules.max_file_bytes:
            tell(Text(f"너무 커서 뺐습니다: {shown}", f"Left out, as it is too large: {shown}"))
        else:
            found[unicodedata.normalize("NFC", shown)] = path
    return dict(sorted(found.items()))


def _walk(folder: Path, ignore: tuple[str, ...]) -> Iterator[Path]:
    def kept(name: str) -> bool:
        return not any(fnmatch.fnmatch(name, glob) for glob in ignore)

    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if kept(name)]
        linked = [name for name in folders if (Path(at) / name).is_symlink()]
        yield from (Path(at) / name for name in [*names, *linked] if kept(name))


@dataclass(frozen=True)
class Packed:
    """What was written: its digest and its length in bytes."""

    sha256: str
    size: int


class _Digesting:
    """A file object for tarfile that hashes what it passes on."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.digest.update(data)
        return self.out.write(data)


class _Nowhere:
    def write(self, data: bytes) -> int:
        return len(data)


def pack(files: dict[str, Path], out: BinaryIO) -> Packed:
    """Write the tar to `out` with bounded memory."""
    sink = _Digesting(out)
    with tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
        for name, path in sorted(files.items()):
            with path.open("rb") as file:
                entry = tarfile.TarInfo(name)
                entry.size = os.fstat(file.fileno()).st_size
                entry.mode = 0o644
                tar.addfile(entry, file)
    return Packed(sink.digest.hexdigest(), sink.size)


def digest(files: dict[str, Path]) -> Packed:
    """What `pack` would write, without keeping it."""
    return pack(files, _Nowhere())  # type: ignore[arg-type]


def unpack(source: BinaryIO, folder: Path) -> list[str]:
    """Write a tar's files below `folder`, which must hold none of them yet; return their names."""
    names: list[str] = []
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for entry in tar:
                target = folder / _checked(entry)
                target.parent.mkdir(parents=True, exist_ok=True)
                content = tar.extractfile(entry)
                with target.open("xb") as out:
                    shutil.copyfileobj(content, out, CHUNK)  # type: ignore[arg-type]
                names.append(entry.name)
    except (tarfile.TarError, FileExistsError, EOFError) as error:
        raise _unusable(str(error)) from None
    return names


def _checked(entry: tarfile.TarInfo) -> PurePosixPath:
    path = PurePosixPath(entry.name)
    strange = path.is_absolute() or not path.parts or any(part in ("..", "") for part in path.parts)
    if not entry.isreg() or strange or "\\" in entry.name or "\0" in entry.name:
        raise _unusable(entry.name)
    return path


def _unusable(found: str) -> InputError:
    return InputError(
        ko=f"받은 묶음에 쓸 수 없는 항목이 있습니다: {shorten(found)}. 운영자에게 알려 주세요.",
        en=f"The bundle that came holds something unusable: {shorten(found)}. Tell the operator.",
    )


class Partial:
    """A folder that is made beside its place and moved there whole: nobody sees half of it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.parent.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
        self.folder.chmod(0o755)

    def __enter__(self) -> Partial:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self) -> None:
        """Move the finished folder to its place, which must not exist."""
        self.folder.rename(self.place)

    def replace(self) -> None:
        """Move the finished folder to its place; what stood there goes."""
        old = Path(tempfile.mkdtemp(prefix=f".{self.place.name}.", dir=self.place.parent))
        if self.place.exists():
            self.place.rename(old / "old")
        self.folder.rename(self.place)
        shutil.rmtree(old, ignore_errors=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that nobody sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def pick(files: dict[str, Path], keep: Iterable[str]) -> dict[str, Path]:
    """Keep the files whose base name fits one of the globs."""
    globs = tuple(keep)
    return {name: path for name, path in files.items() if any(fnmatch.fnmatch(path.name, glob) for glob in globs)}
