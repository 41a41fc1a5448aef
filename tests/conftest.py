"""What every test shares: where a skip would hide a gap, it is a failure."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fakes.docker_engine import engine, images  # noqa: F401  one of each a session, for all folders

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped, and where everything is required a skip is a failure: {report.longrepr}"
        )
    return report
