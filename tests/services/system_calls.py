"""Reads a service's system calls (strace) and says whether each receipt came after everything it promises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

TRACED = "fsync,fdatasync,rename,renameat,renameat2,pwrite64,write,sendto,sendmsg,writev"
_LINE = re.compile(r"(\d+)\s+(.*)")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)")


@dataclass(frozen=True)
class Call:
    """One system call. It began at line `began` of the record and had returned at line `ended`."""

    began: int
    ended: int
    name: str
    text: str


def under_strace(out: Path) -> tuple[str, ...]:
    """The command that a program is run under; it stays the direct child of who starts it."""
    return ("strace", "-D", "-f", "-y", "-s", "9000", "--seccomp-bpf", "-e", f"trace={TRACED}", "-o", str(out))


def calls(record: Path) -> list[Call]:
    """All calls that returned, in the order in which they did."""
    pending: dict[str, tuple[int, str]] = {}
    found = []
    for number, line in enumerate(record.read_text(errors="replace").splitlines()):
        match = _LINE.match(line)
        if match is None:
            continue
        thread, text = match.groups()
        resumed = _RESUMED.match(text)
        if text.endswith("<unfinished ...>"):
            pending[thread] = (number, text.removesuffix("<unfinished ...>"))
        elif resumed and thread in pending:
            began, head = pending.pop(thread)
            found.append(Call(began, number, resumed[1], head + resumed[2]))
        elif "(" in text and not text.startswith(("+++", "---")):
            found.append(Call(number, number, text.partition("(")[0], text))
    return found


def missing_before_receipt(record: list[Call], sha256: str, submission: str) -> list[str]:
    """What had not happened when the receipt's first byte was sent; empty when all had."""
    sent = next(
        call
        for call in record
        if call.name in ("sendto", "sendmsg", "write", "writev") and _to_client(call, submission)
    )
    before = [call for call in record if call.ended < sent.began]
    faults = []
    renamed = next((c for c in before if c.name.startswith("rename") and c.text.count(sha256) == 1), None)
    if renamed is None:
        return ["rename"]
    temporary = re.search(r'"([^"]*/tmp/[0-9a-f]{32})"', renamed.text)
    assert temporary is not None, renamed
    if not any(c.name == "fsync" and f"<{temporary[1]}>" in c.text and c.ended < renamed.began for c in before):
        faults.append("fsync of the file")
    folder = re.compile(rf"<[^>]*/blobs/{sha256[:2]}>")
    if not any(c.name == "fsync" and folder.search(c.text) and c.began > renamed.ended for c in before):
        faults.append("fsync of the folder")
    row = next((c for c in before if c.name == "pwrite64" and "-wal>" in c.text and submission in c.text), None)
    if row is None:
        faults.append("the row")
    elif not any(c.name in ("fdatasync", "fsync") and "-wal>" in c.text and c.began > row.ended for c in before):
        faults.append("fdatasync of the WAL")
    return faults


def _to_client(call: Call, submission: str) -> bool:
    return submission in call.text and ("<socket:" in call.text or "<TCP" in call.text)
