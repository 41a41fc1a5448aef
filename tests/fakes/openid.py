"""npm's oidc-provider on loopback, and a person who signs in at it as a browser would."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from bitgoeul.hub.node import PROJECT, find_node
from tests.fakes.ports import free_port

CLIENT, SECRET = "academy", "a-secret-of-the-tests"


@dataclass(frozen=True)
class OpenId:
    """A running provider."""

    issuer: str

    def say(self, sub: str, claims: dict[str, Any]) -> None:
        """Change what it says of a person from now on."""
        httpx.post(f"{self.issuer}/people/{sub}", json=claims, trust_env=False).raise_for_status()


@contextmanager
def openid(redirect: str) -> Iterator[OpenId]:
    """Start it for one client, which sends people back to `redirect`; end it."""
    if not (PROJECT / "node_modules/oidc-provider/package.json").is_file():
        pytest.skip("this needs npm's oidc-provider, which `make test` installs")
    port = free_port()
    program = Path(__file__).with_name("oidc_provider.mjs")
    environ = {**os.environ, "NODE_NO_WARNINGS": "1"}
    command = [find_node(), str(program), str(port), redirect]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = OpenId(f"http://127.0.0.1:{port}")
    try:
        _wait(found, process)
        yield found
    finally:
        process.terminate()
        process.wait(10)


def _wait(found: OpenId, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(f"{found.issuer}/.well-known/openid-configuration", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the OpenID provider did not start")


def browser(language: str = "en") -> httpx.Client:
    """Keeps cookies and follows no redirect by itself: each step is looked at. Cookies do not know ports, as in a browser."""
    headers = {"Accept-Language": language, "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
    return httpx.Client(timeout=30, trust_env=False, headers=headers)


def sign_in(client: httpx.Client, start: str, sub: str) -> tuple[httpx.Response, list[str]]:
    """Go from the academy's button to its last answer, typing `sub` and agreeing at the provider; all addresses on the way."""
    answer, way = client.get(start), [start]
    for _ in range(20):
        if answer.is_redirect:
            address = urljoin(str(answer.request.url), answer.headers["location"])
            way.append(address)
            answer = client.get(address)
        elif 'name="prompt" value="login"' in answer.text:
            answer = client.post(str(answer.request.url), data={"prompt": "login", "login": sub, "password": "x"})
        elif 'name="prompt" value="consent"' in answer.text:
            answer = client.post(str(answer.request.url), data={"prompt": "consent"})
        else:
            return answer, way
        if "/services/" in str(answer.headers.get("location", "")):
            return answer, way
    raise AssertionError(f"no end of redirects: {way}")
