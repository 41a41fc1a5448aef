"""`bitgoeul docker-proxy`: lets the Hub ask the Docker engine for labs, and for nothing else."""

from __future__ import annotations

import logging
import os
import socket as unix
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from bitgoeul import settings as settings_module
from bitgoeul.database import Database
from bitgoeul.hub import swarm
from bitgoeul.hub.docker import NO_WALLS, allowed, build_walls, engine_path, prepare, proxy_path
from bitgoeul.hub.engine_proxy import EngineProxy, Leased, leased
from bitgoeul.hub.swarm_proxy import SwarmProxy
from bitgoeul.settings import Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def docker_proxy(
    socket: Annotated[Path | None, typer.Option(help="the socket that the Hub opens; the settings' by default")] = None,
) -> None:
    """Make the labs' networks and walls, then listen on a unix socket: check each request, log what was refused."""
    settings = settings_module.load()
    path = socket or proxy_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    logging.basicConfig(format="%(asctime)s %(name)s %(message)s", level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    devices = leased(Database(settings.database_url)) if settings.gpus.managed else None
    server = _for_a_swarm(settings, devices) if settings.hub.runtime == "swarm" else _for_an_engine(settings, devices)
    listening = unix.socket(unix.AF_UNIX)  # made here, because uvicorn opens its own to everybody
    before = os.umask(0o117)  # the socket is for this user and group: whoever opens it may start labs
    listening.bind(str(path))
    os.umask(before)
    config = uvicorn.Config(server, log_level="warning", lifespan="off", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[listening])


def _for_a_swarm(settings: Settings, devices: Leased | None) -> EngineProxy:
    swarm.prepare(settings)
    return SwarmProxy(engine_path(settings), swarm.allowed(settings), devices)


def _for_an_engine(settings: Settings, devices: Leased | None) -> EngineProxy:
    prepare(settings)
    if not build_walls(settings):
        logging.warning("%s / %s", NO_WALLS.ko, NO_WALLS.en)
    return EngineProxy(engine_path(settings), allowed(settings), devices)
