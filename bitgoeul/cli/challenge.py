"""`bitgoeul challenge`: its verbs stand in modules of their own, so that `submit` starts in a lab, which has no numpy for us."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

MODULES = {
    "list": "making",
    "check": "making",
    "score": "making",
    "files": "making",
    "submit": "taking",
    "rescore": "running",
    "export": "running",
}
_NEEDS = "jupytext"  # what `making` reads challenges with; a lab may lack it


class _Verbs(TyperGroup):
    """Imports a verb's module when the verb is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Leave out what cannot run here."""
        server = importlib.util.find_spec(_NEEDS) is not None
        return [verb for verb, module in MODULES.items() if server or module != "making"]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Find a verb."""
        if cmd_name not in MODULES:
            return None
        module = importlib.import_module(f"bitgoeul.cli.challenge_{MODULES[cmd_name]}")
        group: Any = get_command(module.app)
        return group.commands[cmd_name]


app = typer.Typer(
    cls=_Verbs,
    help="Challenges: list, check, score; take part; score anew, export.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def challenge() -> None:
    """Challenges: list, check, score; take part; score anew, export."""
