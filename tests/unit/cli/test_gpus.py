"""`bitgoeul gpus` on a state folder of its own: by its commands, and once as the program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bitgoeul.cli import gpus as command
from bitgoeul.database import Database
from bitgoeul.errors import BitgoeulError
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


@pytest.fixture
def gpus(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command; what it says, or what a person is told instead."""

    def run(*arguments: str, language: str = "en") -> str:
        monkeypatch.setenv("BITGOEUL_SETTINGS", str(settings.source))
        monkeypatch.setenv("BITGOEUL_LANGUAGE", language)
        done = CliRunner().invoke(command.app, list(arguments))
        if isinstance(done.exception, BitgoeulError):
            return f"{type(done.exception).__name__}: {done.exception.text.pick(language)}"
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_a_device_is_listed_reserved_and_taken_back(settings: Settings, gpus: Callable[..., str]) -> None:
    settings.state.mkdir()
    database = Database(settings.database_url)
    migrate(database)
    leases = Leases(database, slots(settings.gpus))
    held = leases.acquire(Wish("minji", "", "one", "whole")).lease
    listed = gpus("list")
    reserved = gpus("reserve", "one", "2", "--kind", "shared", "--from", "2031-01-01T09:00", "--until", "2031-01-01T12:00")  # fmt: skip
    released = gpus("release", held.id[:8], language="ko")
    found = json.loads(gpus("list", "--json"))

    assert [line.split("  ")[1:4] for line in listed.splitlines()] == [
        ["GPU-a", "whole", "minji (one)"],
        ["GPU-b #1", "shared", "free"],
        ["GPU-b #2", "shared", "free"],
    ]
    assert reserved == "reserved 1: one  shared x 2\n"
    assert "30초 안에" in released
    assert [slot["lease"] and slot["lease"]["state"] for slot in found["slots"]] == ["ending", None, None]
    assert [(d.lease.id, d.reason) for d in leases.due()] == [(held.id, "forced")]
    assert found["reservations"][0]["starts"] == "2031-01-01T00:00:00+00:00"
    assert "cancelled" in gpus("release", "--reservation", "1")
    database.close()


def test_what_cannot_be_is_one_sentence(gpus: Callable[..., str]) -> None:
    wrong = gpus("reserve", "two", "1", "--from", "x", "--until", "y", language="ko")
    soon = gpus("reserve", "one", "1", "--from", "soon", "--until", "later")
    none = gpus("release", "zzz")

    assert wrong.startswith("NotFound")
    assert "기수가 없습니다" in wrong
    assert soon.startswith("InputError")
    assert "2026-11-24T09:00" in soon
    assert "0 leases begin with 'zzz'" in none


def test_the_program_ends_with_2_and_without_traceback_where_nothing_is_lent(settings: Settings) -> None:
    settings.source.write_text('[academy]\nlanguage = "ko"\n')
    environ = os.environ | {"BITGOEUL_SETTINGS": str(settings.source), "BITGOEUL_LANGUAGE": "en"}
    program = [sys.executable, "-m", "bitgoeul", "gpus", "list"]
    done = subprocess.run(program, env=environ, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert "no GPUs to lend" in done.stderr
    assert "Traceback" not in done.stderr
