"""What keeps people's browsers apart: an origin for each person, cookies that no neighbour can set, headers."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from traitlets.config import Config

from bitgoeul.hub import services
from bitgoeul.settings import Settings

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # the Hub compares where a form came from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
"""On every page of the Hub, beside its own Content-Security-Policy, which lets nobody frame it."""

HSTS = "max-age=31536000; includeSubDomains"


def configure_security(c: Config, settings: Settings) -> None:
    """Beyond this machine every person's lab is an origin of its own; sharing is given to no role (services.py)."""
    hub = settings.hub
    c.JupyterHub.tornado_settings = {"headers": dict(HEADERS)}
    c.JupyterHub.trusted_downstream_ips = list(hub.trusted_proxies)
    if not hub.public_url:
        return
    c.JupyterHub.public_url = public_url(settings) + "/"
    c.JupyterHub.subdomain_host = public_url(settings)
    c.JupyterHub.cookie_host_prefix_enabled = True
    c.JupyterHub.tornado_settings["xsrf_cookie_kwargs"] = {"secure": True}  # the one that upstream leaves open
    c.JupyterHub.tornado_settings["headers"]["Strict-Transport-Security"] = HSTS


def local_url(settings: Settings) -> str:
    """Give the address at which this machine opens the academy."""
    host = f"[{settings.hub.host}]" if ":" in settings.hub.host else settings.hub.host
    return f"http://{host}:{settings.hub.port}/"


def public_url(settings: Settings) -> str:
    """Give the address at which people open the Hub, without a slash at its end."""
    return (settings.hub.public_url or local_url(settings)).rstrip("/")


def service_url(settings: Settings) -> str:
    """Give the portal's address: with an origin for everybody, the service has one too (JupyterHub's `idna` hook)."""
    path = f"/services/{services.NAME}/"
    parts = urlsplit(settings.hub.public_url)
    return f"{parts.scheme}://{services.NAME}--service.{parts.netloc}{path}" if parts.netloc else path


def crypt_key(settings: Settings) -> Path:
    """Name the file of the key that encrypts what a provider's session needs (only with `login.groups_claim`)."""
    return settings.state / "hub" / "crypt-key"
