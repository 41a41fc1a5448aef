from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bitgoeul.grading import cgroups
from bitgoeul.grading.sandbox import Sandbox
from bitgoeul.settings import Grading


def as_base(monkeypatch: pytest.MonkeyPatch, folder: Path | None, counter: str = "memory.events") -> None:
    base = (folder, "memory.max", counter) if folder else None
    monkeypatch.setattr(cgroups, "_base", lambda: base)


def test_a_group_has_its_limit_and_is_gone_after_its_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    as_base(monkeypatch, tmp_path)
    group = cgroups.make(1000)

    assert group is not None
    assert (group.folder / "memory.max").read_text() == "1000"
    (group.folder / "memory.max").unlink()  # a real group's files go with it
    assert group.end() is False
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("told", "overflowed"), [("oom 3\noom_kill 1\n", True), ("oom 3\noom_kill 0\n", False), ("", False)]
)
def test_a_full_group_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: str, overflowed: bool) -> None:
    as_base(monkeypatch, tmp_path)
    group = cgroups.make(1000)

    assert group is not None
    (group.folder / "memory.events").write_text(told)
    assert group.end() is overflowed


def test_without_a_group_of_our_own_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    as_base(monkeypatch, None)
    nothing = cgroups.make(1000)
    as_base(monkeypatch, tmp_path / "missing")

    assert nothing is None
    assert cgroups.make(1000) is None


def test_groups_of_a_service_that_was_killed_are_removed(tmp_path: Path) -> None:
    (tmp_path / "bitgoeul-4194305-1").mkdir()  # a number that no process can have
    (tmp_path / f"bitgoeul-{os.getpid()}-1").mkdir()
    cgroups._sweep(tmp_path)

    assert [group.name for group in tmp_path.iterdir()] == [f"bitgoeul-{os.getpid()}-1"]


def test_memory_that_the_kernel_keeps_for_a_job_does_not_outgrow_its_limits() -> None:
    hoard = (
        "import os, socket\n"
        "kept = []\n"
        "try:\n"
        "    while len(kept) < 5000:\n"
        "        pair = socket.socketpair(); kept.append(pair)\n"
        "        for end in pair:\n"
        "            end.setblocking(False)\n"
        "            try:\n"
        "                while True: end.send(bytes(65536))\n"
        "            except BlockingIOError: pass\n"
        "except OSError as error: found = str(error.errno)\n"
    )
    grading = Grading(memory_mb=256, disk_mb=16, max_files=300, processes=32, cell_seconds=10, total_seconds=20)
    ended = Sandbox(grading).run({"program": hoard, "arguments": {}}, {}, seconds=30)
    told = "".join(json.loads(line).get("probes", "") for line in ended.lines)

    assert ended.reason == "memory" or told == "24"
