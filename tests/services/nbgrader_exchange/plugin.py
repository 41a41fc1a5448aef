"""Puts our exchange under nbgrader's own tests, from outside: a configuration folder and the environment.

Loaded by `pytest -p` in the process that runs them; nothing of nbgrader is patched. Each test gets a fresh
service. Identity comes from the token alone, so where a test says `--student=X` it acts with X's token.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.utils import get_username
from traitlets import default

from bitgoeul.lab.submit import ExchangeSubmit
from tests.fakes.hub import FakeHub
from tests.fakes.ports import listening
from tests.services.nbgrader_exchange.academy import QuickService

COURSES = ("abc101", "abc102", "xyz200")
CONFIG = """
from bitgoeul.lab.config import EXCHANGE
c = get_config()
for action, place in EXCHANGE.items():
    setattr(c.ExchangeFactory, action, place)
c.ExchangeFactory.submit = "tests.services.nbgrader_exchange.plugin.SubmitAsNamed"
"""


class SubmitAsNamed(ExchangeSubmit):
    """Our class, with the token of the student that the command names."""

    @default("token")
    def _token_default(self) -> str:
        tokens = json.loads(os.environ["BITGOEUL_TEST_TOKENS"])
        own = os.environ["JUPYTERHUB_API_TOKEN"]
        return str(tokens.get(self.coursedir.student_id, own))


@pytest.fixture(scope="session")
def hub_and_api() -> Iterator[tuple[FakeHub, str]]:
    everywhere = [f"formgrade-{course}" for course in COURSES]
    hub = FakeHub({get_username(): everywhere, "foobar_student": [f"nbgrader-{course}" for course in COURSES]})
    with listening(hub) as api:
        yield hub, api


@pytest.fixture(autouse=True)
def our_exchange(
    hub_and_api: tuple[FakeHub, str], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    hub, api = hub_and_api
    folder: Path = tmp_path_factory.mktemp("academy")
    (folder / "config").mkdir()
    (folder / "config" / "nbgrader_config.py").write_text(CONFIG)
    service = QuickService(folder, api, "[exchange]\nmin_free_mb = 0\nreserve_mb = 0")
    service.start()
    for name, value in {
        "JUPYTER_CONFIG_PATH": str(folder / "config"),
        "HOME": str(folder / "home"),
        "USER": get_username(),
        "BITGOEUL_SERVICE_URL": service.url,
        "BITGOEUL_LANGUAGE": "en",
        "JUPYTERHUB_API_TOKEN": hub.token_for(get_username()),
        "BITGOEUL_TEST_TOKENS": json.dumps({"foobar_student": hub.token_for("foobar_student")}),
    }.items():
        monkeypatch.setenv(name, value)
    yield
    service.stop()
    shutil.rmtree(folder)
