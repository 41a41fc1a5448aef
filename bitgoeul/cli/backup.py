"""`bitgoeul backup`: copies everything acknowledged, while the academy is open."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bitgoeul import settings as settings_module
from bitgoeul.backup import saving
from bitgoeul.cli.main import language
from bitgoeul.errors import Text

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="where backups lie, one folder each")],
    *,
    homes: Annotated[bool, typer.Option("--homes", help="people's homes too")] = False,
    keep: Annotated[int, typer.Option(min=0, help="keep this many and take older ones away; 0: all")] = 0,
) -> None:
    """Copy database, submissions, gradebooks, keys and the Hub's memory; print the new folder."""
    made = saving.save(settings_module.load(), folder.resolve(), say, homes=homes)
    for name in saving.thin_out(folder, keep):
        say(Text(f"지웠습니다: {name}", f"taken away: {name}"))
    sys.stdout.write(f"{made}\n")


def say(line: Text) -> None:
    """Write one line for the person; stdout is for the folder's name."""
    sys.stderr.write(f"{line.pick(language())}\n")
