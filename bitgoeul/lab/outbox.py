"""What a lab keeps on its own disk: bytes that are not yet received, and the receipts of those that are.

Everything lies in one hidden folder of the home, so that it is never handed in as work::

    .bitgoeul/outbox/<course>/<assignment>/<sha256>.tar     until its receipt has come
    .bitgoeul/outbox/<course>/<assignment>/<sha256>.key     the key that makes a repetition no second submission
    .bitgoeul/receipts/<course>/<assignment>/<sequence>.json
    .bitgoeul/versions/<course>/<assignment>                the release that the work was begun from
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from bitgoeul import wire
from bitgoeul.lab.bundle import pack, write_whole


@dataclass(frozen=True)
class Parcel:
    """Bytes that wait for their receipt."""

    tar: Path
    sha256: str
    key: str


class Outbox:
    """The outbox and the receipts of one person, in `folder` (usually `~/.bitgoeul`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def parcel(self, course: str, assignment: str, files: dict[str, Path]) -> Parcel:
        """Keep the work as it is now. The same work as in a failed attempt keeps that attempt's key."""
        place = self.folder / "outbox" / course / assignment
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=".packing.", dir=place, delete=False) as out:
            spool = Path(out.name)
            try:
                packed = pack(files, out)  # type: ignore[arg-type]
                out.flush()
                tar = spool.replace(place / f"{packed.sha256}.tar")
            finally:
                spool.unlink(missing_ok=True)
        key = tar.with_suffix(".key")
        if not key.exists():
            write_whole(key, str(uuid.uuid4()).encode())
        return Parcel(tar, packed.sha256, key.read_text())

    def received(self, receipt: wire.Receipt) -> Path:
        """Keep the receipt; only then drop what waited for it."""
        path = self.receipt_path(receipt)
        write_whole(path, wire.write(receipt) + b"\n")
        shutil.rmtree(self.folder / "outbox" / receipt.course / receipt.assignment, ignore_errors=True)
        return path

    def refused(self, parcel: Parcel) -> None:
        """Drop a parcel that the service will never take; the work itself lies in the assignment's folder."""
        parcel.tar.unlink(missing_ok=True)
        parcel.tar.with_suffix(".key").unlink(missing_ok=True)

    def receipt_path(self, receipt: wire.Receipt) -> Path:
        """Where a receipt lies."""
        return self.folder / "receipts" / receipt.course / receipt.assignment / f"{receipt.sequence}.json"

    def begun_from(self, course: str, assignment: str) -> int | None:
        """The version of the release that was fetched here, if one was."""
        try:
            return int((self.folder / "versions" / course / assignment).read_text())
        except (OSError, ValueError):
            return None

    def begin(self, course: str, assignment: str, version: int) -> None:
        """Note which release the work begins from."""
        write_whole(self.folder / "versions" / course / assignment, str(version).encode())
