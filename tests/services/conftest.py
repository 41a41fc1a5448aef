"""What the tests with real processes share."""

from __future__ import annotations

import pytest

from tests.services import needs, postgres


@pytest.fixture(scope="session")
def postgres_url():
    needs.file(postgres.binary("initdb"), "postgresql")
    with postgres.server() as server:
        yield server.url


@pytest.fixture
def tell(record_property):
    """Say a figure: the summary at the end of the run lists them."""
    return lambda line: record_property("figure", line)


def pytest_terminal_summary(terminalreporter):
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    figures = [value for report in reports for name, value in report.user_properties if name == "figure"]
    if figures:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(sorted(figures)))
