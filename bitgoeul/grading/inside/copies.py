"""A copy of a job's files for the fork in which a test's complement is tried, so that no later cell sees what it writes."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import shutil
import tempfile
from pathlib import Path

MOST_BYTES, MOST_FILES = 8_000_000, 200  # a larger folder is shared


def copied(folder: str) -> str:
    """Copy a small folder's files, and give the copy; what a cell writes when it is tried is not to be seen later."""
    copy = ""
    with contextlib.suppress(OSError, RecursionError):  # pipes, paths too long, or no room
        sizes = [file.lstat().st_size for file in itertools.islice(Path(folder).rglob("*"), MOST_FILES + 1)]
        if len(sizes) <= MOST_FILES and sum(sizes) <= MOST_BYTES:
            copy = tempfile.mkdtemp()
            shutil.copytree(folder, copy, symlinks=True, dirs_exist_ok=True)
    return copy


def move_to(copy: str, folder: str) -> None:
    """Work in a copy of a folder from now on, with the files that are open, too."""
    with contextlib.suppress(OSError):
        os.chdir(os.path.join(copy, os.path.relpath(os.getcwd(), folder)))  # noqa: PTH109, PTH118
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        with contextlib.suppress(OSError):
            path = os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115
            if path.startswith(folder + "/"):
                flags, at = fcntl.fcntl(int(name), fcntl.F_GETFL), os.lseek(int(name), 0, os.SEEK_CUR)
                fresh = os.open(copy + path.removeprefix(folder), flags & ~(os.O_CREAT | os.O_TRUNC | os.O_EXCL))
                os.lseek(fresh, at, os.SEEK_SET)
                os.dup2(fresh, int(name), inheritable=False)
                os.close(fresh)
