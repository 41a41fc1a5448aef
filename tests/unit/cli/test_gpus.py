"""`bitgoeul gpus`, run as a program on a state folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bitgoeul.database import Database
from bitgoeul.gpus.inventory import slots
from bitgoeul.gpus.model import Wish
from bitgoeul.gpus.store import Leases
from bitgoeul.migrations import migrate
from bitgoeul.settings import Settings, load

SETTINGS = """
[[gpus.devices]]
uuid = "GPU-a"
[[gpus.devices]]
uuid = "GPU-b"
slots = 2
[cohorts.one]
title = { ko = "일", en = "One" }
gpu = "whole"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "academy.toml").write_text(SETTINGS)
    return load(tmp_path / "academy.toml", {})


def gpus(settings: Settings, *arguments: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"BITGOEUL_SETTINGS": str(settings.source), "BITGOEUL_LANGUAGE": language}
    command = [sys.executable, "-m", "bitgoeul", "gpus", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_a_device_is_listed_reserved_and_taken_back(settings: Settings) -> None:
    settings.state.mkdir()
    database = Database(settings.database_url)
    migrate(database)
    leases = Leases(database, slots(settings.gpus))
    held = leases.acquire(Wish("minji", "", "one", "whole")).lease
    listed = gpus(settings, "list")
    reserved = gpus(settings, "reserve", "one", "2", "--kind", "shared", "--from", "2031-01-01T09:00", "--until", "2031-01-01T12:00")  # fmt: skip
    released = gpus(settings, "release", held.id[:8], language="ko")
    found = json.loads(gpus(settings, "list", "--json").stdout)

    assert [line.split("  ")[1:4] for line in listed.stdout.splitlines()] == [
        ["GPU-a", "whole", "minji (one)"],
        ["GPU-b #1", "shared", "free"],
        ["GPU-b #2", "shared", "free"],
    ]
    assert reserved.stdout == "reserved 1: one  shared x 2\n"
    assert "30초 안에" in released.stdout
    assert [slot["lease"] and slot["lease"]["state"] for slot in found["slots"]] == ["ending", None, None]
    assert [(d.lease.id, d.reason) for d in leases.due()] == [(held.id, "forced")]
    assert found["reservations"][0]["starts"] == "2031-01-01T00:00:00+00:00"
    assert gpus(settings, "release", "--reservation", "1").returncode == 0
    database.close()


def test_what_cannot_be_is_one_sentence_and_no_traceback(settings: Settings) -> None:
    wrong = gpus(settings, "reserve", "two", "1", "--from", "x", "--until", "y", language="ko")
    soon = gpus(settings, "reserve", "one", "1", "--from", "soon", "--until", "later")
    none = gpus(settings, "release", "zzz")
    settings.source.write_text('[academy]\nlanguage = "ko"\n')
    empty = gpus(settings, "list")

    assert (wrong.returncode, soon.returncode, none.returncode, empty.returncode) == (1, 2, 1, 2)
    assert "기수가 없습니다" in wrong.stderr
    assert "2026-11-24T09:00" in soon.stderr
    assert "0 leases begin with 'zzz'" in none.stderr
    assert "no GPUs to lend" in empty.stderr
    for answer in (wrong, soon, none, empty):
        assert "Traceback" not in answer.stderr
