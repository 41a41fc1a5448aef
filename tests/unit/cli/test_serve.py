"""`bitgoeul serve` opens its port before it loads what only requests need."""

from __future__ import annotations

import subprocess
import sys


def test_what_is_imported_before_the_port_opens_is_little() -> None:
    code = "import sys, bitgoeul.cli.serve; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )

    assert "uvicorn" in loaded
    assert not loaded & {"nbgrader", "jupytext", "fastapi", "sqlalchemy", "alembic", "httpx", "openpyxl", "numpy"}
