"""People at the deployed academy, with real browsers outside of the server, over HTTPS."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.ansible.conftest import ADDRESS, HUB, PORTAL, Deployed
from tests.system.academy import CHROMIUM
from tests.system.people import Person


class Member(Person):
    """Signs in at the school's provider; everybody and the portal has an origin of its own."""

    def __init__(self, browser: Browser, user: str) -> None:
        super().__init__(browser, HUB, user)

    def sign_in(self) -> None:
        self.page.goto(self.url)
        self.page.locator("a[href*='oauth_login']").first.click()
        self.page.locator("input[name=login]").fill(self.name)
        self.page.locator("input[name=password]").fill("x")
        self.page.locator("button[type=submit]").click()
        self.page.locator("form[action*=interaction] button[type=submit]").click()
        self.page.wait_for_url(PORTAL)

    def home(self) -> None:
        self.page.goto(PORTAL)


@contextmanager
def browsers(deployed: Deployed) -> Iterator[Browser]:
    """Chromium outside, where the academy's names are the server's address. It takes this server's key and no other."""
    public = deployed.server.run(
        "sh",
        "-c",
        "openssl x509 -in /etc/bitgoeul-tls/server.pem -pubkey -noout | openssl pkey -pubin -outform der | base64 -w0",
    )
    pin = base64.b64encode(hashlib.sha256(base64.b64decode(public)).digest()).decode()
    arguments = [
        *CHROMIUM,
        f"--host-resolver-rules=MAP *.academy.test {ADDRESS}",
        f"--ignore-certificate-errors-spki-list={pin}",
    ]
    with deployed.outside(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        try:
            yield browser
        finally:
            browser.close()
