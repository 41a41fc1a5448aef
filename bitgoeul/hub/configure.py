"""Settings become the Hub's configuration. Nothing here starts, connects or writes: tests read the result as data."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from traitlets.config import Config

from bitgoeul.hub import docker, docker_labs, labs, login, node, security, services, swarm_labs
from bitgoeul.hub.language import template_vars
from bitgoeul.people import rules
from bitgoeul.people.directory import Directory
from bitgoeul.people.roster import hub_groups
from bitgoeul.providers import secret
from bitgoeul.settings import Settings

TEMPLATES = Path(__file__).parent / "templates"
STYLE = Path(__file__).parents[1] / "web" / "static"
"""The service's style sheet, which the Hub's pages carry inside them: sign-in works while the service does not."""

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """Ports on loopback that only the academy's own processes use."""

    hub: int
    proxy_api: int
    service: int

    @classmethod
    def free(cls) -> Self:
        """Ask the system for three ports that nobody uses now."""
        sockets = [socket.socket() for _ in range(3)]
        try:
            for held in sockets:
                held.bind((LOOPBACK, 0))
            return cls(*(held.getsockname()[1] for held in sockets))
        finally:
            for held in sockets:
                held.close()


def configure(
    c: Config,
    settings: Settings,
    *,
    ports: Ports | None = None,
    project: Path = node.PROJECT,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Fill `c` with everything this academy's Hub needs to know."""
    ports = ports or Ports.free()
    inside = LOOPBACK
    if settings.hub.runtime != "local":
        inside = docker.gateway(settings) if settings.hub.runtime == "docker" else settings.swarm.advertise
        ports = Ports(settings.docker.hub_port, ports.proxy_api, settings.docker.service_port)
    _network(c, settings, ports, project, inside)
    _memory(c, settings)
    directory = Directory(settings)
    _people(c, settings, directory)
    _provider(c, settings, os.environ if environ is None else environ)
    security.configure_security(c, settings)
    _pages(c, settings, directory)
    _pace(c, settings)
    services.configure_service(c, settings, host=inside, port=ports.service)
    if settings.hub.runtime == "docker":
        docker_labs.configure_docker_labs(c, settings, service_port=ports.service)
    elif settings.hub.runtime == "swarm":
        swarm_labs.configure_swarm_labs(c, settings, service_port=ports.service)
    else:
        labs.configure_labs(c, settings)


def _network(c: Config, settings: Settings, ports: Ports, project: Path, inside: str) -> None:
    hub = settings.hub
    c.JupyterHub.bind_url = f"http://{_url_host(hub.host)}:{hub.port}/"
    c.JupyterHub.hub_bind_url = f"http://{inside}:{ports.hub}"  # the labs' network, where they are in containers
    proxy = c.ConfigurableHTTPProxy
    proxy.api_url = f"http://{LOOPBACK}:{ports.proxy_api}"
    proxy.pid_file = str(settings.state / "hub" / "proxy.pid")
    proxy.command = [sys.executable, "-m", "bitgoeul.hub.tether", *node.proxy_command(project)]


def _url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _memory(c: Config, settings: Settings) -> None:
    folder = settings.state / "hub"
    c.JupyterHub.db_url = f"sqlite:///{folder / 'jupyterhub.sqlite'}"
    c.JupyterHub.upgrade_db = True  # a newer JupyterHub may need it; it keeps a copy of the SQLite file first
    c.JupyterHub.cookie_secret_file = str(folder / "cookie-secret")


def _people(c: Config, settings: Settings, directory: Directory) -> None:
    c.JupyterHub.authenticator_class = login.RosterAuthenticator
    c.RosterGate.directory = directory
    c.Authenticator.allowed_users = {str(person.user) for person in settings.people}
    c.Authenticator.admin_users = {str(person.user) for person in settings.people if person.role == "operator"}
    c.Authenticator.refresh_pre_spawn = True  # who has left a cohort gets no GPU of it
    c.Authenticator.auth_refresh_age = 60
    c.Authenticator.auth_refresh_strict = True
    # The imported people come a second after the start (groups.py), when the service has its database ready.
    now = rules.roll(settings, (), (), datetime.now(UTC)).settings
    c.JupyterHub.load_groups = {
        group: {"users": [str(user) for user in users]} for group, users in hub_groups(now).items()
    }
    c.JupyterHub.load_roles = services.roles(metrics=bool(services.metrics_token(settings)))


def _provider(c: Config, settings: Settings, environ: Mapping[str, str]) -> None:
    """Let a provider outside say who people are; never together with an `allow_all`: the roster alone allows."""
    chosen = settings.login
    if not chosen.open:
        return
    from bitgoeul.hub import providers  # a tenth of a second that the start on one's own machine need not spend

    key = secret(chosen, settings.state, environ)
    callback = f"{security.public_url(settings)}/hub/oauth_callback"
    authenticator = providers.PRESETS[chosen.provider].authenticator
    c.JupyterHub.authenticator_class = authenticator
    for name, value in providers.traits(chosen, secret=key, callback=callback).items():
        setattr(c[authenticator.__name__], name, value)
    crypt = security.crypt_key(settings)
    if chosen.groups_claim and crypt.is_file():
        c.CryptKeeper.keys = [bytes.fromhex(crypt.read_text().strip())]
    c.JupyterHub.cookie_max_age_days = 1  # a day after his account was taken away, nobody's session goes on


def _pages(c: Config, settings: Settings, directory: Directory) -> None:
    c.JupyterHub.default_url = security.service_url(settings)
    c.JupyterHub.template_paths = [str(TEMPLATES), str(STYLE)]
    c.JupyterHub.template_vars = template_vars(settings, directory)


def _pace(c: Config, settings: Settings) -> None:
    hub: Any = c.JupyterHub
    hub.concurrent_spawn_limit = 0  # it would send a class that clicks at once away; `turns` has it wait in line
    hub.activity_resolution = 600
    hub.last_activity_interval = 600
    hub.init_spawners_timeout = 1
    hub.implicit_spawn_seconds = 0.5
    c.Spawner.consecutive_failure_limit = 0  # one class of failing labs may not take the Hub down for all
    c.Spawner.start_timeout = settings.hub.start_timeout_seconds
    c.Spawner.http_timeout = 120
