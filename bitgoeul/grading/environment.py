"""Names the environment that judges: one SHA-256 over what is installed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import distributions


def environment_hash(installed: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over the sorted lines `name==version`, names as PyPI writes them; doubles count once."""
    lines = sorted({f"{_plain(name)}=={version}" for name, version in installed})
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@cache
def installed_environment() -> str:
    """The hash of this interpreter's packages; computed once, for what is installed stays while a process runs."""
    return environment_hash((found.name, found.version) for found in distributions() if found.name)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
