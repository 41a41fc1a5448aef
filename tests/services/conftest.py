"""What the tests with real processes share."""

from __future__ import annotations

import pytest

from tests.services import postgres


@pytest.fixture(scope="session")
def postgres_url():
    with postgres.server() as url:
        yield url
