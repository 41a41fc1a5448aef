"""`bitgoeul scheduler`: gives what the services want judged to the workers of a cluster."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer

from bitgoeul import settings
from bitgoeul.grading import cluster
from bitgoeul.grading.keys import ensure_cluster_keys

app = typer.Typer(add_completion=False)


@app.command()
def scheduler(
    host: Annotated[str, typer.Option(help="the address to listen at")] = "0.0.0.0",  # noqa: S104 (by certificate only)
    port: Annotated[int, typer.Option(help="the port to listen at; 0: any")] = 8786,
    keys: Annotated[
        Path | None, typer.Option(help="the folder of cluster.pem and cluster-key.pem; made at the first start")
    ] = None,
) -> None:
    """Run the scheduler until Ctrl-C. It remembers nothing that would be missed: start it again whenever it ends."""
    logging.basicConfig(level="INFO", format="%(message)s")
    logging.getLogger("distributed").setLevel("WARNING")
    folder = keys or settings.load().cluster_keys
    found = ensure_cluster_keys(folder)

    def ready(address: str) -> None:
        typer.echo(f"{address}  ({found.certificate}, {found.key.name})")

    asyncio.run(cluster.schedule(host, port, found, ready=ready))
