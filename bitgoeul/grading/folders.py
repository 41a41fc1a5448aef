"""Writes a whole folder so that a reader finds the old one or the new one, and never half of either."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from bitgoeul.errors import InputError, shorten


def checked_names(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give the files, if every name stays inside its folder; raise `InputError` otherwise."""
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\0" in name or not path.parts:
            raise InputError(
                ko=f"파일 이름은 과제 폴더 안을 가리켜야 하는데 {shorten(name)}을(를) 받았습니다.",
                en=f"A file needs a name inside the assignment's folder; found {shorten(name)}.",
            )
    return dict(files)


def replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder hold exactly these files."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    # A name with a leading dot is one that nbgrader does not take for a student or an assignment.
    aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
    try:
        fresh = aside / "fresh"
        fresh.mkdir()
        for name, content in checked_names(files).items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if folder.exists():
            folder.replace(aside / "old")
        fresh.replace(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def read(folder: Path) -> dict[str, bytes]:
    """Read all regular files of a folder by their relative names."""
    if not folder.is_dir():
        return {}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
