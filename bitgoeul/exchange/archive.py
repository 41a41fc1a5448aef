"""Everything that was handed in to an assignment as one ZIP, written while it is sent: no file of it is ever whole here."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator

from bitgoeul.blobs import BlobStore
from bitgoeul.errors import InputError, NotFound, Text
from bitgoeul.exchange import bundle
from bitgoeul.wire import SubmissionRow, moment

PIECE = 1 << 16
_ODD = re.compile(r'[<>:"|?*\x00-\x1f]')  # Windows takes none of these in a name
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)")
_MISSING = Text(
    "이 제출물의 파일을 읽을 수 없습니다. 운영자에게 `bitgoeul verify`를 부탁하세요.",
    "The files of this submission cannot be read. Ask the operator to run `bitgoeul verify`.",
)


def stream(rows: Iterable[SubmissionRow], blobs: BlobStore, limits: bundle.Limits) -> Iterator[bytes]:
    """Write `<user>/<time>-<sequence>/<file>` for each submission, piece by piece.

    A submission whose blob is missing or damaged has a `MISSING.txt` in its place: it spoils no other's.
    """
    out = _Out()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for row in rows:
            for place, body in _files(row, blobs, limits):
                with archive.open(_entry(place, row), "w", force_zip64=True) as entry:
                    for piece in body:
                        entry.write(piece)
                        if len(out.waiting) >= PIECE:
                            yield out.take()
    yield out.take()


def _files(row: SubmissionRow, blobs: BlobStore, limits: bundle.Limits) -> Iterator[tuple[str, Iterable[bytes]]]:
    folder = f"{safe(row.user)}/{moment(row.begun_at):%Y%m%dT%H%M%SZ}-{row.sequence}"
    try:
        file = blobs.open(row.sha256)
    except (NotFound, OSError):
        yield f"{folder}/MISSING.txt", [f"{_MISSING.ko}\n{_MISSING.en}\n".encode()]
        return
    with file:
        try:
            members = bundle.scan(file, limits)
        except InputError:  # it was whole when it came in
            yield f"{folder}/MISSING.txt", [f"{_MISSING.ko}\n{_MISSING.en}\n".encode()]
            return
        for member in members:
            yield f"{folder}/{safe(member.name)}", bundle.pieces(file, member)


def _entry(place: str, row: SubmissionRow) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(place, moment(row.begun_at).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16  # a plain file, whatever it was: nothing a student sent is a program here
    return info


def safe(path: str) -> str:
    """The path with every part such that any system can unpack it, and inside the folder."""
    return "/".join(_safe_part(part) for part in path.split("/"))


def _safe_part(part: str) -> str:
    clean = _ODD.sub("_", part).replace("\\", "_").rstrip(". ") or "_"
    return f"_{clean}" if _RESERVED.match(clean) else clean


class _Out(io.RawIOBase):
    """Takes what the ZIP writes until it is sent; cannot be gone back in, so nothing of it has to stay."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: object) -> int:
        """Keep until taken."""
        self.waiting += memoryview(data).cast("B")  # type: ignore[arg-type]
        return len(memoryview(data))  # type: ignore[arg-type]

    def take(self) -> bytes:
        """What has been written since the last time."""
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken
