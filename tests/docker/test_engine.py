"""The engine of the tests leaves nothing behind."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.fakes.docker_engine import Engine, needed


def test_an_engine_starts_answers_and_is_gone_afterwards(tmp_path: Path) -> None:
    needed()
    folder = tmp_path / "engine"
    folder.mkdir()
    engine = Engine(folder)
    engine.start()
    with engine.client() as client:
        client.networks.create("seen", options={"com.docker.network.bridge.name": "seen0"})
        inside = client.version()["Version"]

    outside = subprocess.run(["ip", "link"], capture_output=True, text=True, check=True).stdout
    engine.stop()

    assert inside
    assert "seen0" not in outside
    assert not folder.exists()
    assert not engine.left_processes()
    assert not engine.left_mounts()
