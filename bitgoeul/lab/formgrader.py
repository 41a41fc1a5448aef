"""nbgrader's formgrader, with formulas that need no network.

Its pages load MathJax from elsewhere, and do nothing at all when that fails. A template of the same name,
found first, takes it from the lab's own server.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.server_extensions.formgrader.formgrader import load_jupyter_server_extension

TEMPLATES = Path(__file__).parent / "etc" / "staff" / "templates"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "bitgoeul.lab.formgrader"}]


def _load_jupyter_server_extension(app: Any) -> None:
    load_jupyter_server_extension(app)
    exporter = app.web_app.settings["nbgrader_exporter"]
    exporter.template_paths = [str(TEMPLATES), *exporter.template_paths]
