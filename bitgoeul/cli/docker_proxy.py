"""`bitgoeul docker-proxy`: lets the Hub ask the Docker engine for labs, and for nothing else."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from bitgoeul import settings as settings_module
from bitgoeul.hub.docker import allowed, engine_path, proxy_path
from bitgoeul.hub.engine_proxy import EngineProxy

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def docker_proxy(
    socket: Annotated[Path | None, typer.Option(help="the socket that the Hub opens; the settings' by default")] = None,
    device: Annotated[list[str] | None, typer.Option(help="a GPU's UUID that labs may get; may be repeated")] = None,
) -> None:
    """Listen on a unix socket, check each request, pass on what labs need, log what was refused."""
    settings = settings_module.load()
    path = socket or proxy_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    logging.basicConfig(format="%(asctime)s %(name)s %(message)s", level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    os.umask(0o117)  # the socket is for this user and group: whoever opens it may start labs
    server = EngineProxy(engine_path(settings), allowed(settings, devices=device or ()))
    uvicorn.run(server, uds=str(path), log_level="warning", lifespan="off", timeout_graceful_shutdown=2)
