"""Reads everything again: each row has its blob, each blob its bytes, the chain is whole, receipts are ours."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from bitgoeul.blobs import BlobStore
from bitgoeul.errors import NotFound, Text
from bitgoeul.exchange import receipts, store
from bitgoeul.exchange import tables as t

ORPHAN_SECONDS = 86_400


@dataclass(frozen=True)
class Verification:
    """What was found. `faults` are sentences for the operator; orphans are blobs that no row names."""

    submissions: int
    blobs: int
    faults: tuple[Text, ...]
    orphans: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is lost or altered."""
        return not self.faults


def verify(connection: Connection, blobs: BlobStore, public_key: str) -> Verification:
    """Check the database of this moment against the blobs."""
    faults: list[Text] = []
    submissions, wanted = _chain(connection, public_key, faults)
    for row in connection.execute(select(t.releases)).mappings():
        for part, found in row["parts"].items():
            wanted[found["sha256"]] = f"release {row['course']}/{row['assignment']} {row['version']} {part}"
    for feedback in connection.execute(select(t.feedback)):
        wanted[feedback.sha256] = f"feedback on submission {feedback.submission}"
    for sha256, owner in wanted.items():
        try:
            fault = None if blobs.sound(sha256) else Text("손상되었습니다", "is damaged")
        except (NotFound, OSError):
            fault = Text("없거나 읽을 수 없습니다", "is missing or cannot be read")
        if fault:
            ko = f"{owner}: 파일 {sha256}이(가) {fault.ko}. 백업에서 되살리세요."
            faults.append(Text(ko, f"{owner}: blob {sha256} {fault.en}; restore it from the back-up."))
    old = time.time() - ORPHAN_SECONDS
    orphans = tuple(name for name in blobs if name not in wanted and blobs.path(name).stat().st_mtime < old)
    return Verification(submissions, len(wanted), tuple(faults), orphans)


def _chain(connection: Connection, public_key: str, faults: list[Text]) -> tuple[int, dict[str, str]]:
    previous, expected, count = receipts.GENESIS, 1, 0
    wanted: dict[str, str] = {}
    for row in connection.execute(select(t.submissions).order_by(t.submissions.c.sequence)).mappings():
        receipt = store.stored(row).receipt
        where = f"submission {receipt.sequence} of {receipt.user} ({receipt.stored_at})"
        if receipt.sequence != expected:
            faults.append(
                Text(
                    f"{where}: 다음은 {expected}번이어야 하는데 줄이 빠졌습니다. 백업과 비교하세요.",
                    f"{where}: sequence {expected} was to come next; rows are missing. Compare with the back-up.",
                )
            )
        elif receipt.chain != receipts.link(previous, replace(receipt, chain="", signature="")):
            faults.append(
                Text(
                    f"{where}: 여기에서 사슬이 끊어집니다. 이 줄이나 앞줄이 고쳐졌습니다. 백업과 비교하세요.",
                    f"{where}: the chain breaks here; this row or the one before was altered. Compare with the back-up.",
                )
            )
        if not receipts.verify(receipt, public_key):
            faults.append(
                Text(
                    f"{where}: 서명이 맞지 않습니다. 이 줄이 고쳐졌습니다. 백업과 비교하세요.",
                    f"{where}: the signature does not fit; the row was altered. Compare with the back-up.",
                )
            )
        previous, expected, count = receipt.chain, receipt.sequence + 1, count + 1
        wanted[receipt.sha256] = where
    head = connection.execute(select(t.chain_head)).one()
    if (head.sequence, head.chain) != (expected - 1, previous):
        faults.append(
            Text(
                f"사슬의 머리는 {head.sequence}번인데 마지막 줄은 {expected - 1}번입니다. 줄이 빠졌습니다. 백업과 비교하세요.",
                f"the chain's head is at {head.sequence}, its last row at {expected - 1}; rows are missing. Compare with the back-up.",
            )
        )
    return count, wanted
