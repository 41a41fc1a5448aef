"""`bitgoeul serve`: the service alone, as the Hub starts it."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import typer
import uvicorn

from bitgoeul import settings as settings_module
from bitgoeul.settings import Settings
from bitgoeul.web.early import Early, Service
from bitgoeul.web.link import HubLink

app = typer.Typer()
IDLE_SECONDS = 75
"""The Hub's proxy keeps its connections to us open, and answers 503 to whoever comes on one that we are just closing.
uvicorn's own five seconds are about the pause between two clicks."""


@app.command()
def serve() -> None:
    """Serve the exchange and the portal at JUPYTERHUB_SERVICE_URL, until the Hub stops it."""
    settings = settings_module.load()
    link = HubLink.from_environ(os.environ)
    at = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    early = Early(link.prefix, lambda: build(settings, link))
    server = uvicorn.Server(
        uvicorn.Config(
            early,
            host=at.hostname or "127.0.0.1",
            port=at.port or 0,
            proxy_headers=True,
            forwarded_allow_ips=["127.0.0.1", at.hostname or "127.0.0.1"],
            server_header=False,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=5,
            log_level="info",
            access_log=False,
        )
    )
    early.give_up = lambda: setattr(server, "should_exit", True)
    server.run()
    if early.failure is not None:
        raise early.failure


def build(settings: Settings, link: HubLink) -> Service:
    """Bring the database to the newest form and build the service."""
    # Three quarters of the start are these imports. They come after the port is open: see `web.early`.
    from bitgoeul.app import build_app
    from bitgoeul.database import Database
    from bitgoeul.migrations import migrate

    settings.state.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    migrate(database)
    database.close()
    return build_app(settings, link)
