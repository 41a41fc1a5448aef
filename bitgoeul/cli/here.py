"""Who and where a command is: beside a service that the environment names, as in a lab, or an operator at a terminal."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping

from bitgoeul.errors import InvalidName
from bitgoeul.lab.client import Client
from bitgoeul.names import UserName

PATIENCE = 20.0
"""Seconds in which a service that starts anew may come back."""


def service_here(environ: Mapping[str, str] = os.environ) -> Client | None:
    """The service that the environment names, asked with its Hub token; None where it names none."""
    url, token = environ.get("BITGOEUL_SERVICE_URL"), environ.get("JUPYTERHUB_API_TOKEN")
    return Client(url, token, patience=PATIENCE) if url and token else None


def user_here() -> UserName:
    """Whom the audit names."""
    try:
        return UserName(getpass.getuser())
    except (InvalidName, OSError, KeyError):
        return UserName("operator")
