"""`bitgoeul swarm-node`: prints what prepares a machine of the swarm for labs."""

from __future__ import annotations

import sys

import typer

from bitgoeul import settings as settings_module
from bitgoeul.hub import swarm

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def swarm_node() -> None:
    """Print a script for every machine of the swarm: labs' networks and walls. `... | ssh MACHINE sudo sh` runs it."""
    settings = settings_module.load()
    sys.stdout.write(swarm.script(settings, swarm.addresses(settings)))
