"""Content-addressed files: a blob's name is the SHA-256 of its bytes.

Writing follows the order that survives a power cut (Pillai et al., OSDI 2014): write to `tmp/`, fsync the
file, rename it to its name, fsync the folder. Only then may anybody be told that the bytes are kept.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from bitgoeul.errors import NotFound, StorageFull, TooLarge

CHUNK = 1 << 18
_FULL = (errno.ENOSPC, errno.EDQUOT)


def storage_full() -> StorageFull:
    """The one sentence for a full disk."""
    return StorageFull(
        ko="저장 공간이 부족해 받지 못했습니다. 아무것도 저장되지 않았으니 운영자에게 알리고 다시 내세요.",
        en="The disk is full, so this was not received. Nothing was stored: tell the operator, then try again.",
    )


class BlobStore:
    """A folder of blobs. `min_free` and `reserve` are bytes; see `ensure_room`."""

    def __init__(self, root: Path, *, min_free: int = 0, reserve: int = 0) -> None:
        self.root = root
        self.tmp = root / "tmp"
        self.min_free = min_free
        self.tmp.mkdir(parents=True, exist_ok=True)
        self._keep_reserve(reserve)

    def _keep_reserve(self, size: int) -> None:
        """Keep some space that an operator can free at once when the disk is full."""
        path = self.root / "reserve"
        if size and (not path.exists() or path.stat().st_size != size):
            with path.open("wb") as file:
                if shutil.disk_usage(self.root).free > 2 * size:
                    os.posix_fallocate(file.fileno(), 0, size)

    def remove_left_overs(self) -> None:
        """Remove the halves of uploads that a crash cut off; those of a service that lives stay."""
        for path in self.tmp.iterdir():
            _remove_left_over(path)

    def path(self, sha256: str) -> Path:
        """Where a blob lies. The name is checked: 64 hexadecimal digits."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise NotFound(ko="그런 파일이 없습니다.", en="There is no such blob.")
        return self.root / sha256[:2] / sha256

    def ensure_room(self, size: int) -> None:
        """Raise `StorageFull` when keeping `size` more bytes would leave less than `min_free`."""
        if shutil.disk_usage(self.root).free - size < self.min_free:
            raise storage_full()

    def writer(self, *, limit: int) -> BlobWriter:
        """Begin a blob of at most `limit` bytes."""
        return BlobWriter(self, limit)

    def put(self, data: bytes) -> str:
        """Keep bytes that are already in memory; return their SHA-256."""
        with self.writer(limit=len(data)) as writer:
            writer.write(data)
            return writer.keep()

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading; raise `NotFound` when it is not there."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise NotFound(ko="그런 파일이 없습니다.", en="There is no such blob.") from None

    def chunks(self, sha256: str) -> Iterator[bytes]:
        """Read a blob piece by piece."""
        with self.open(sha256) as file:
            while piece := file.read(CHUNK):
                yield piece

    def sound(self, sha256: str) -> bool:
        """Read the blob again and compare it with its name."""
        digest = hashlib.sha256()
        for piece in self.chunks(sha256):
            digest.update(piece)
        return digest.hexdigest() == sha256

    def __iter__(self) -> Iterator[str]:
        """Every blob's name."""
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(path.name for path in folder.iterdir())


class BlobWriter:
    """One blob being written. Leaving the `with` block without `keep()` leaves nothing behind."""

    def __init__(self, store: BlobStore, limit: int) -> None:
        self.store = store
        self.limit = limit
        self.size = 0
        self._digest = hashlib.sha256()
        self.path, self._file = _begin(store.tmp)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Add bytes; raise `TooLarge` past the limit and `StorageFull` when the disk is."""
        self.size += len(data)
        if self.size > self.limit:
            raise TooLarge(
                ko=f"{self.limit:,}바이트까지 낼 수 있는데 그보다 큽니다. 큰 자료나 출력을 빼고 다시 내세요.",
                en=f"At most {self.limit:,} bytes are taken; this is larger. Leave out large data or outputs.",
            )
        self._digest.update(data)
        try:
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise (storage_full() if error.errno in _FULL else error) from None

    @property
    def sha256(self) -> str:
        """The digest of what has been written so far."""
        return self._digest.hexdigest()

    def keep(self) -> str:
        """Put the blob on disk under its name, durably, and return that name."""
        final = self.store.path(self.sha256)
        try:
            os.fsync(self._file.fileno())
            new_folder = not final.parent.exists()
            final.parent.mkdir(exist_ok=True)
            self.path.replace(final)
            sync_folder(final.parent)
            if new_folder:
                sync_folder(self.store.root)
        except OSError as error:
            raise (storage_full() if error.errno in _FULL else error) from None
        return self.sha256


def _begin(folder: Path) -> tuple[Path, io.FileIO]:
    """A new file that is locked as long as this process has it open: so another one's start knows that it lives."""
    while True:
        path = folder / secrets.token_hex(16)
        file = io.FileIO(path, "xb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:  # else a start found it before it was locked
            return path, file
        file.close()


def _remove_left_over(path: Path) -> None:
    """No receipt names it; and if nobody holds its lock, nobody writes it any more."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
    except (FileNotFoundError, BlockingIOError):
        return  # finished meanwhile, or being written by a service that lives


def sync_folder(folder: Path) -> None:
    """Make the folder's entries (a new or renamed file's name) durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
