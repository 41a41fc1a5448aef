"""`bitgoeul restore`: puts a backup into an empty place, and reads everything again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bitgoeul import settings as settings_module
from bitgoeul.backup import restoring
from bitgoeul.cli.backup import say
from bitgoeul.cli.verify import as_text, look

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def restore(folder: Annotated[Path, typer.Argument(help="a folder bitgoeul-... that `bitgoeul backup` made")]) -> None:
    """Check all hashes, fill the empty state and database, verify every receipt; exit 0 if all is sound, else 1."""
    settings = settings_module.load()
    manifest = restoring.restore(settings, folder.resolve(), say)
    if not manifest.receipts and not (settings.state / "keys" / "receipt.ed25519").exists():
        return  # a copy of an academy that had not opened yet
    found = look(settings)
    sys.stdout.write(as_text(found))
    sys.exit(0 if found.sound else 1)
