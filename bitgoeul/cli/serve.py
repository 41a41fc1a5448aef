"""`bitgoeul serve`: the service alone, as the Hub starts it."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import typer
import uvicorn

from bitgoeul import settings
from bitgoeul.app import build_app
from bitgoeul.database import Database
from bitgoeul.migrations import migrate
from bitgoeul.web.hub import HubLink

app = typer.Typer()


@app.command()
def serve() -> None:
    """Serve the exchange and the portal at JUPYTERHUB_SERVICE_URL, until the Hub stops it."""
    academy = settings.load()
    link = HubLink.from_environ(os.environ)
    at = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    academy.state.mkdir(parents=True, exist_ok=True)
    database = Database(academy.database_url)
    migrate(database)
    database.close()
    uvicorn.run(
        build_app(academy, link),
        host=at.hostname or "127.0.0.1",
        port=at.port or 0,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        server_header=False,
        timeout_graceful_shutdown=5,
        log_level="info",
        access_log=False,
    )
