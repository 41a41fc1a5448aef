"""The Hub's one service and what everybody's tokens may do."""

from __future__ import annotations

import sys
from typing import Any

from traitlets.config import Config

from bitgoeul.hub import processes
from bitgoeul.settings import Settings

NAME = "bitgoeul"
METRICS = "prometheus"
ACCESS = f"access:services!service={NAME}"


def configure_service(c: Config, settings: Settings, *, port: int, host: str = "127.0.0.1") -> None:
    """Let the Hub start, watch and route to `bitgoeul serve`."""
    c.JupyterHub.services = [
        {
            "name": NAME,
            "url": f"http://{host}:{port}",
            "command": [sys.executable, "-m", "bitgoeul.hub.tether", sys.executable, "-m", "bitgoeul", "serve"],
            "environment": environment(settings),
            "cwd": str(settings.source.parent),
            "oauth_no_confirm": True,  # it is the academy itself, not a third party
            "display": False,  # every page links to it already
        }
    ]
    if token := metrics_token(settings):
        c.JupyterHub.services += [{"name": METRICS, "api_token": token, "display": False}]


def metrics_token(settings: Settings) -> str:
    """Give the token by which Prometheus may read the Hub's figures; empty: nobody may."""
    path = settings.state / "keys" / "metrics-token"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def environment(settings: Settings) -> dict[str, str]:
    """Tell a child process which academy it belongs to."""
    database = {"BITGOEUL_DATABASE": settings.academy.database} if settings.academy.database else {}
    return database | {
        "BITGOEUL_SETTINGS": str(settings.source),
        "BITGOEUL_STATE": str(settings.state),
        "BITGOEUL_PORT": str(settings.hub.port),
        "BITGOEUL_RUNTIME": settings.hub.runtime,
        processes.MARK: str(settings.state),
        "PYTHONUNBUFFERED": "1",
    }


def roles(*, metrics: bool = False) -> list[dict[str, Any]]:
    """Say what the tokens of people, of labs and of services may do: no more than each needs."""
    figures = {
        "name": "bitgoeul-metrics",
        "description": "Prometheus: reads the Hub's figures, which name nobody",
        "services": [METRICS],
        "scopes": ["read:metrics"],
    }
    return [
        *([figures] if metrics else []),
        {
            "name": "user",
            "description": "A person: his own servers and tokens, and the academy's pages",
            "scopes": ["self", ACCESS],
        },
        {
            "name": "server",
            "description": "A lab: says who it is, reports activity, and hands in to the service",
            "scopes": [
                "users:activity!user",
                "access:servers!server",
                "read:users:name!user",
                "read:users:groups!user",
                ACCESS,
            ],
        },
        {
            "name": "bitgoeul-service",
            "description": "The service: reads who is in which group, and changes nothing",
            "services": [NAME],
            "scopes": ["read:groups", "read:users:name", "read:users:groups"],
        },
    ]
