"""`bitgoeul judge SOCKET`: judges submissions for a service that asks through a unix socket."""

from __future__ import annotations

import logging
import signal
from pathlib import Path
from typing import Annotated

import typer

from bitgoeul.grading import enclosure
from bitgoeul.grading.box import Box
from bitgoeul.grading.pool import whole_machine
from bitgoeul.grading.proof import prove

app = typer.Typer(add_completion=False)
log = logging.getLogger(__name__)


@app.command()
def judge(
    path: Annotated[Path, typer.Argument(metavar="SOCKET", help="the socket to be made, in a folder of the service's")],
    threads: Annotated[int, typer.Option(help="how many submissions at once; 0: as many as cores", min=0)] = 0,
    gpus: Annotated[int, typer.Option(help="how many GPUs judge", min=0)] = 0,
) -> None:
    """Judge until Ctrl-C. Made for a locked-down container without a network; says which of its walls are missing."""
    logging.basicConfig(level="INFO", format="%(message)s")
    box = Box(path, *whole_machine(threads=threads, gpus=gpus))
    signal.signal(signal.SIGTERM, lambda *_: box.close())
    log.info("level %s; walls of a container that are missing: %s", prove(), enclosure.openings() or "none")
    try:
        box.serve()
    except KeyboardInterrupt:
        box.close()
    finally:
        path.unlink(missing_ok=True)
