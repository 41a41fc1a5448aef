"""A real JupyterHub in a process of its own, for the one service that it does not start itself.

Its proxy is left out: the tests speak to the Hub and to our app directly, as the proxy would let them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.fakes.hub import SCOPE, SERVICE_TOKEN

ADMIN_TOKEN = "the-token-of-the-tests"
PASSWORD = "a-long-and-shared-password"
CONFIG = """
from jupyterhub.proxy import Proxy

class NoProxy(Proxy):
    should_start = False
    async def add_route(self, routespec, target, data): pass
    async def delete_route(self, routespec): pass
    async def get_all_routes(self): return {}

c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.hub_bind_url = "http://127.0.0.1:%(port)d"
c.JupyterHub.bind_url = "http://127.0.0.1:%(port)d"
c.JupyterHub.db_url = "sqlite:///%(folder)s/hub.sqlite"
c.JupyterHub.cookie_secret_file = "%(folder)s/cookie-secret"
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = "%(password)s"
c.Authenticator.allowed_users = {"minji", "seoyeon"}
c.JupyterHub.load_groups = %(groups)r
c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["self", "%(scope)s"]},
    {"name": "bitgoeul-service", "services": ["bitgoeul"], "scopes": ["read:groups"]},
    {"name": "tests", "services": ["tests"], "scopes": ["admin:users", "tokens", "admin:groups", "%(scope)s"]},
]
c.JupyterHub.services = [
    {
        "name": "bitgoeul",
        "api_token": "%(token)s",
        "oauth_client_id": "service-bitgoeul",
        "oauth_redirect_uri": "/services/bitgoeul/oauth_callback",
        "oauth_no_confirm": True,
    },
    {"name": "tests", "api_token": "%(admin)s"},
]
"""


@dataclass
class RealHub:
    """What a test asks of it; the same words as `FakeHub` has."""

    url: str

    @property
    def api(self) -> str:
        return f"{self.url}/hub/api"

    def _ask(self, method: str, path: str, **options) -> httpx.Response:
        headers = {"Authorization": f"token {ADMIN_TOKEN}"}
        return httpx.request(method, f"{self.api}/{path}", headers=headers, trust_env=False, **options)

    def token_for(self, user: str, scopes: tuple[str, ...] = (SCOPE,)) -> str:
        answer = self._ask("POST", f"users/{user}/tokens", json={"scopes": list(scopes)})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def service_token(self) -> str:
        return ADMIN_TOKEN

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, trust_env=False)

    def sign_in(self, browser: httpx.Client, user: str) -> None:
        page = browser.get("/hub/login")
        form = {
            "username": user,
            "password": PASSWORD,
            "_xsrf": re.findall(r'name="_xsrf" value="([^"]+)"', page.text)[0],
        }
        answer = browser.post("/hub/login", data=form)
        assert answer.status_code == 302, answer.text


@contextmanager
def real_hub(folder: Path, port: int, groups: dict[str, list[str]], more: str = "") -> Iterator[RealHub]:
    """Start it, wait until it answers, and end it. `more` comes at the end of its configuration."""
    values = {"port": port, "folder": folder, "password": PASSWORD, "scope": SCOPE, "token": SERVICE_TOKEN}
    config = folder / "jupyterhub_config.py"
    values |= {"groups": {group: {"users": users} for group, users in groups.items()}, "admin": ADMIN_TOKEN}
    config.write_text(CONFIG % values + more)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTERHUB", "CONFIGPROXY"))}
    with (folder / "hub.log").open("wb") as log:
        command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)
        try:
            hub = RealHub(f"http://127.0.0.1:{port}")
            _wait(hub, process, folder / "hub.log")
            yield hub
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(hub: RealHub, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{hub.api}/", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise AssertionError(f"the Hub did not start:\n{log.read_text()}")
