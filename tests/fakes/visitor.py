"""A person at a real academy, over HTTP and without a browser: signs in, starts a lab, asks it things."""

from __future__ import annotations

import re
import time
from types import TracebackType
from typing import Any, Self

import httpx


class Visitor:
    """Keeps cookies as a browser does. `user` is the roster's key."""

    def __init__(self, address: str, user: str) -> None:
        self.user = user
        self.http = httpx.Client(base_url=address, follow_redirects=True, timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.http.close()

    def sign_in(self) -> httpx.Response:
        page = self.http.get("/hub/login")
        found = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
        assert found, page.text
        return self.http.post("/hub/login", data={"username": self.user, "_xsrf": found[1]}, follow_redirects=False)

    def lab(self, server: str = "") -> str:
        return f"/user/{self.user}/{server}/" if server else f"/user/{self.user}/"

    def start_lab(self, server: str = "", *, seconds: float = 120) -> None:
        """Click, and wait until the lab itself answers."""
        self.http.get(f"/hub/spawn/{self.user}/{server}".rstrip("/")).raise_for_status()
        until = time.monotonic() + seconds
        while self.http.get(f"{self.lab(server)}api", follow_redirects=False).status_code != 200:
            assert time.monotonic() < until, "the lab did not start"
            time.sleep(0.1)
        # The first page brings the lab's own cookie, by OAuth with the Hub.
        self.http.get(f"{self.lab(server)}lab").raise_for_status()

    def ask(self, path: str, server: str = "") -> httpx.Response:
        return self.http.get(f"{self.lab(server)}{path}")

    def tell(self, path: str, message: Any, server: str = "") -> httpx.Response:
        return self.http.post(f"{self.lab(server)}{path}", json=message, headers={"X-XSRFToken": self.xsrf(server)})

    def xsrf(self, server: str = "") -> str:
        jar = self.http.cookies.jar
        return next(
            (str(cookie.value) for cookie in jar if cookie.name == "_xsrf" and cookie.path == self.lab(server)), ""
        )
