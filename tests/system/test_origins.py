"""Beyond one machine: an origin for everybody, seen through a proxy that holds TLS, with a real Hub, proxy and service."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bitgoeul.hub import processes
from tests.fakes.ports import free_port

pytestmark = pytest.mark.system
HUB, PORTAL = "https://hub.example.kr", "https://bitgoeul--service.hub.example.kr"
CONFIG = """
from bitgoeul import settings
from bitgoeul.hub.configure import configure

# The settings refuse a public address without a runtime that isolates; this test has none to start.
found = settings.load()
hub = found.hub.model_copy(update={"public_url": "https://hub.example.kr", "trusted_proxies": ("127.0.0.1",)})
configure(c, found.model_copy(update={"hub": hub}))
"""


class Tls(httpx.BaseTransport):
    """What Caddy or nginx does: ends TLS and hands the request on, with the client's address and scheme."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.scheme == "https"
        headers = [
            *request.headers.raw,
            (b"x-scheme", b"https"),
            (b"x-forwarded-proto", b"https"),
            (b"x-forwarded-for", b"203.0.113.5"),
        ]
        inner = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return self._inner.handle_request(httpx.Request(request.method, inner, headers=headers, stream=request.stream))

    def close(self) -> None:
        self._inner.close()


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("origins") / "state"


@pytest.fixture(scope="module")
def port(state: Path, root: Path) -> Iterator[int]:
    port = free_port()
    (state / "hub").mkdir(parents=True)
    config = state.with_name("jupyterhub_config.py")
    config.write_text(CONFIG)
    environ = os.environ | {
        "BITGOEUL_SETTINGS": str(root / "academy.toml"),
        "BITGOEUL_STATE": str(state),
        "BITGOEUL_PORT": str(port),
    }
    with state.with_name("hub.log").open("wb") as log:
        command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
        process = subprocess.Popen(command, cwd=state / "hub", env=environ, stdout=log, stderr=log)
        try:
            _wait(port, state.with_name("hub.log"))
            yield port
        finally:
            process.terminate()
            process.wait(30)
            processes.end(processes.of_academy(state))


def _wait(port: int, log: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            with browser(port) as client:
                if client.get(f"{PORTAL}/services/bitgoeul/api/receipt-key").status_code == 200:
                    return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-3000:])


def browser(port: int) -> httpx.Client:
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    return httpx.Client(transport=Tls(port), timeout=30, trust_env=False, follow_redirects=True, headers=headers)


def sign_in(client: httpx.Client, user: str) -> httpx.Response:
    page = client.get(f"{HUB}/")
    assert str(page.url).startswith(f"{HUB}/hub/login"), page.url
    xsrf = re.findall(r'name="_xsrf" value="([^"]+)"', page.text)[0]
    return client.post(f"{HUB}/hub/login", data={"username": user, "_xsrf": xsrf})


def test_a_person_signs_in_and_comes_to_the_portal_on_its_own_origin(port: int) -> None:
    with browser(port) as client:
        portal = sign_in(client, "minji")
        cookies = {(cookie.name, cookie.domain, cookie.path, cookie.secure) for cookie in client.cookies.jar}

    assert str(portal.url) == f"{PORTAL}/services/bitgoeul/", portal.text
    assert "Minji Kim" in portal.text
    assert portal.status_code == 200
    hub = {cookie for cookie in cookies if cookie[1] == "hub.example.kr"}
    assert ("__Host-jupyterhub-hub-login", "hub.example.kr", "/", True) in hub
    assert not [cookie for cookie in cookies if not cookie[3]]
    assert not {domain for _, domain, _, _ in cookies if domain.startswith(".") and domain != ".hub.example.kr"}


def test_the_hubs_pages_lead_to_the_portals_origin_and_stay_over_https(port: int) -> None:
    with browser(port) as client:
        sign_in(client, "junho")
        home = client.get(f"{HUB}/hub/home")
        wrong = client.get(f"{HUB}/services/bitgoeul/", follow_redirects=False)

    assert f'href="{PORTAL}/services/bitgoeul/"' in home.text
    assert home.headers["strict-transport-security"].startswith("max-age=31536000")
    assert wrong.headers["location"] == f"{HUB}/hub/services/bitgoeul/", "on the Hub's own origin only the Hub answers"


def test_a_neighbours_cookie_for_the_whole_domain_signs_nobody_in(port: int) -> None:
    with browser(port) as neighbour, browser(port) as client:
        sign_in(neighbour, "junho")
        session = next(str(c.value) for c in neighbour.cookies.jar if c.name == "__Host-jupyterhub-hub-login")
        client.cookies.set("jupyterhub-hub-login", session, domain=".example.kr")
        answer = client.get(f"{HUB}/hub/home")

    assert str(answer.url).startswith(f"{HUB}/hub/login")


def test_a_lab_opens_on_its_persons_origin(port: int, state: Path) -> None:
    with browser(port) as client:
        sign_in(client, "amelia")
        client.get(f"{HUB}/hub/spawn/amelia")
        until = time.monotonic() + 90
        while client.get("https://amelia.hub.example.kr/user/amelia/api", follow_redirects=False).status_code != 200:
            assert time.monotonic() < until, state.with_name("hub.log").read_text()[-3000:]
            time.sleep(0.2)
        lab = client.get("https://amelia.hub.example.kr/user/amelia/lab")
        elsewhere = client.get(f"{HUB}/user/amelia/lab", follow_redirects=False)

    assert str(lab.url).startswith("https://amelia.hub.example.kr/user/amelia/lab"), lab.url
    assert lab.status_code == 200
    assert elsewhere.status_code in (302, 404)
