"""Fixtures: one service a module, one fresh course a test. Test modules import them by name."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.hub import FakeHub
from tests.services.nbgrader_exchange.academy import Service, serving
from tests.services.nbgrader_exchange.labs import World

LIMITS = "[exchange]\nmin_free_mb = 0\nreserve_mb = 0\nmax_submission_mb = 2"


@pytest.fixture(scope="module")
def hub_and_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeHub, Service]]:
    hub = FakeHub({})
    with serving(tmp_path_factory.mktemp("academy"), hub, LIMITS) as service:
        yield hub, service


@pytest.fixture
def world(hub_and_service: tuple[FakeHub, Service], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A fresh course. nbgrader looks for alembic in PATH, as it stands in a lab."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    monkeypatch.setenv("PATH", path)
    hub, service = hub_and_service
    return World(service, hub, tmp_path)
