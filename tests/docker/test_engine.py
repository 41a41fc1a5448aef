"""The engine of the tests leaves nothing behind."""

from __future__ import annotations

import subprocess

from tests.fakes.docker_engine import Engine, needed, short_folder


def test_an_engine_starts_answers_and_is_gone_afterwards() -> None:
    needed()
    folder = short_folder()
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
