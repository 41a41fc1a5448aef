"""`bitgoeul verify`, as a program: what is lost or altered is named, and the exit code tells."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.services.exchange_load import local_exchange, take, work_of


@dataclass
class Kept:
    """The state folder of an academy with three submissions, and what was put into it."""

    root: Path
    state: Path
    blobs: list[Path]

    def verify(self, *arguments: str, language: str = "en") -> subprocess.CompletedProcess[str]:
        names = {"STATE": str(self.state), "SETTINGS": str(self.root / "academy.toml"), "LANGUAGE": language}
        environ = os.environ | {f"BITGOEUL_{name}": value for name, value in names.items()}
        command = [sys.executable, "-m", "bitgoeul", "verify", *arguments]
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def kept(root: Path, tmp_path: Path) -> Kept:
    state = tmp_path / "state"
    with local_exchange(state) as exchange:
        receipts = [take(exchange, f"student-{n}", work_of(3000, n)).receipt for n in range(3)]
        old = exchange.blobs.put(b"nobody's")
        os.utime(exchange.blobs.path(old), (0, 0))
        return Kept(root, state, [exchange.blobs.path(r.sha256) for r in receipts] + [exchange.blobs.path(old)])


def test_a_sound_academy_is_said_to_be_so_with_what_no_row_names(kept: Kept) -> None:
    done = kept.verify()

    assert (done.returncode, done.stderr) == (0, "")
    assert "3 submissions" in done.stdout
    assert done.stdout.endswith("all is sound.\n")
    assert kept.blobs[3].name in done.stdout


def test_every_loss_is_named_at_once_in_the_readers_language(kept: Kept) -> None:
    kept.blobs[0].unlink()
    kept.blobs[1].write_bytes(b"rotten")
    with sqlite3.connect(kept.state / "bitgoeul.sqlite") as connection:
        connection.execute("update submissions set late_seconds = 0.5 where sequence = 3")
    connection.close()
    korean = kept.verify(language="ko")
    data = json.loads(kept.verify("--json").stdout)

    assert korean.returncode == 1
    assert "submission 1 of student-0" in korean.stdout
    assert "없거나 읽을 수 없습니다" in korean.stdout
    assert "손상되었습니다" in korean.stdout
    assert "사슬이 끊어집니다" in korean.stdout
    assert data["sound"] is False
    assert {fault["en"].split(":")[0].split(" (")[0] for fault in data["faults"]} == {
        f"submission {number + 1} of student-{number}" for number in range(3)
    }
    assert data["orphans"] == [kept.blobs[3].name]


def test_it_may_look_while_the_academy_is_open_and_changes_nothing(kept: Kept) -> None:
    with local_exchange(kept.state) as exchange, exchange.intake.body() as body:
        body.write(b"half an upload")
        before = sorted(path for path in kept.state.rglob("*") if path.is_file())
        done = kept.verify()
        after = sorted(path for path in kept.state.rglob("*") if path.is_file())

    assert done.returncode == 0
    assert after == before


def test_where_no_academy_is_none_is_made(root: Path, tmp_path: Path) -> None:
    done = Kept(root, tmp_path / "nothing", []).verify()

    assert done.returncode == 2
    assert "bitgoeul.sqlite" in done.stderr
    assert not (tmp_path / "nothing").exists()
