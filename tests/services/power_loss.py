"""Power cuts without cutting power: an ext4 in a file, copied at random instants, mounted and looked at.

The writing process is stopped while the copy is made, so the copy holds what the file system had handed to
its disk at that instant, and nothing that still waited in memory. It has to run as root in a mount namespace
of its own (`unshare -m`); `rounds` prints one JSON line with what was found.
"""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES = 192


def cut(mutants: tuple[str, ...], rounds: int) -> dict[str, Any]:
    """Run it all in a namespace of its own; what was acknowledged, and what the copies lack."""
    config = json.dumps({"mutants": list(mutants), "rounds": rounds})
    command = ["unshare", "-m", sys.executable, "-m", "tests.services.power_loss", "rounds", config]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def rounds(config: dict[str, Any]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="bitgoeul-power-"))
    image, disk = folder / "disk", folder / "mnt"
    disk.mkdir()
    try:
        with image.open("wb") as file:
            file.truncate(MEGABYTES * 1_000_000)
        _run("mkfs.ext4", "-q", "-F", str(image))
        _run("mount", "-o", "loop", str(image), str(disk))
        result = _storm(folder, image, disk, config)
        sys.stdout.write(json.dumps(result) + "\n")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _storm(folder: Path, image: Path, disk: Path, config: dict[str, Any]) -> dict[str, Any]:
    told = json.dumps({**config, "folder": str(disk / "state")})
    command = [sys.executable, "-m", "tests.services.power_loss", "write", told]
    writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    heard, copies = b"", []
    try:
        for number in range(config["rounds"]):
            heard = _listen(writer, heard, random.uniform(0.2, 0.6), at_least=200 if number == 0 else 0)
            os.kill(writer.pid, signal.SIGSTOP)
            os.waitpid(writer.pid, os.WUNTRACED)
            heard = _listen(writer, heard, 0.0)
            copy = folder / f"copy-{number}"
            _run("cp", "--sparse=always", str(image), str(copy))
            os.kill(writer.pid, signal.SIGCONT)
            copies.append((copy, heard.count(b"\n")))
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    lines = [json.loads(line) for line in heard.split(b"\n")[: heard.count(b"\n")]]
    key, receipts = lines[0], lines[1:]
    lost = [_missing(folder, copy, receipts[: count - 1], key) for copy, count in copies]
    checked = sum(count - 1 for _, count in copies)
    names = ("rows", "blobs", "unsound")
    return {"checked": checked, "rounds": len(lost), **{n: sum(found[n] for found in lost) for n in names}}


def _listen(writer: subprocess.Popen[bytes], heard: bytes, seconds: float, *, at_least: int = 0) -> bytes:
    """Take what the writer says for a while; with 0 seconds, what it has said already."""
    assert writer.stdout is not None
    until = time.monotonic() + seconds
    while True:
        wait = max(0.0, until - time.monotonic()) if heard.count(b"\n") >= at_least else 1.0
        ready, _, _ = select.select([writer.stdout], [], [], wait)
        if ready:
            piece = os.read(writer.stdout.fileno(), 1 << 20)
            assert piece, "the writer ended"
            heard += piece
        elif heard.count(b"\n") >= at_least:
            return heard


def _missing(folder: Path, copy: Path, receipts: list[dict[str, Any]], key: str) -> dict[str, int]:
    """Switch the machine on again: mount the copy and look for everything that was acknowledged."""
    from bitgoeul.blobs import BlobStore
    from bitgoeul.database import Database
    from bitgoeul.exchange import tables as t
    from bitgoeul.exchange.verify import verify
    from bitgoeul.wire import Receipt, read
    from tests.services.exchange_load import whole

    place = folder / "again"
    place.mkdir(exist_ok=True)
    _run("mount", "-o", "loop", str(copy), str(place))
    state = place / "state"
    try:
        blobs = sum(not whole(state, read(Receipt, receipt)) for receipt in receipts)
        database = Database(f"sqlite:///{state / 'bitgoeul.sqlite'}")
        with database.reading() as connection:
            intact = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            known = set(connection.execute(t.submissions.select().with_only_columns(t.submissions.c.id)).scalars())
            sound = verify(connection, BlobStore(state / "blobs"), key).sound
        database.close()
        rows = sum(receipt["id"] not in known for receipt in receipts)
        return {"rows": rows, "blobs": blobs, "unsound": int(not (intact and sound))}
    finally:
        _run("umount", str(place))
        copy.unlink()


def write(config: dict[str, Any]) -> None:
    """Hand in as fast as the disk takes it, and say each receipt aloud as soon as it is there."""
    from bitgoeul.exchange import bundle
    from bitgoeul.wire import write as written
    from tests.services import exchange_service
    from tests.services.exchange_load import local_exchange, take

    exchange_service.break_on_purpose(config["mutants"])

    def say(line: bytes) -> None:
        os.write(1, line + b"\n")

    def student(number: int) -> None:
        while True:
            data = bundle.write({"a.bin": os.urandom(8000)})
            say(written(take(exchange, f"student-{number}", data).receipt))

    with local_exchange(Path(config["folder"])) as exchange:
        os.sync()  # what was there before the storm is not what is tested
        say(json.dumps(exchange.signer.public_key).encode())
        for number in range(8):
            threading.Thread(target=student, args=(number,), daemon=True).start()
        time.sleep(120)


if __name__ == "__main__":
    {"rounds": rounds, "write": write}[sys.argv[1]](json.loads(sys.argv[2]))
