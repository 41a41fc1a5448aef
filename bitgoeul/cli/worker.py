"""`bitgoeul worker --scheduler ADDRESS`: judges submissions on this machine for a service on another."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer

from bitgoeul import settings
from bitgoeul.grading import cluster
from bitgoeul.grading.keys import cluster_keys
from bitgoeul.grading.pool import whole_machine
from bitgoeul.grading.proof import prove

app = typer.Typer(add_completion=False)


@app.command()
def worker(
    scheduler: Annotated[str, typer.Option(help="where `bitgoeul scheduler` listens: tls://HOST:PORT")],
    gpus: Annotated[int, typer.Option(help="how many GPUs of this machine judge", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="how many submissions at once; 0: as many as cores", min=0)] = 0,
    keys: Annotated[
        Path | None, typer.Option(help="the folder of cluster.pem and cluster-key.pem, copied from the scheduler's")
    ] = None,
) -> None:
    """Judge until Ctrl-C. The limits of a submission come with it; the isolation level is proved here, first."""
    logging.basicConfig(level="INFO", format="%(message)s")
    logging.getLogger("distributed").setLevel("WARNING")
    found = cluster_keys(keys or settings.load().cluster_keys)
    station, places = whole_machine(threads=threads, gpus=gpus)
    asyncio.run(cluster.work(scheduler, found, station=station, threads=places, level=prove(), gpus=gpus))
