"""The throttle in front of a real Hub's password, with our pages."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bitgoeul.hub.throttle import FREE
from tests.fakes.ports import free_port
from tests.services.real_hub import PASSWORD, RealHub, real_hub

MORE = """
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from bitgoeul.hub import configure
from bitgoeul.hub.login import RosterGate
from bitgoeul.people.directory import Directory
from bitgoeul.settings import load

class Password(RosterGate, SharedPasswordAuthenticator):
    pass

academy = load({root!r} / "academy.toml", {{"BITGOEUL_STATE": {folder!r}}})
c.JupyterHub.authenticator_class = Password
c.RosterGate.directory = Directory(academy)
configure._pages(c, academy, c.RosterGate.directory)
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[RealHub]:
    folder = tmp_path_factory.mktemp("hub")
    more = "from pathlib import Path, PosixPath\n" + MORE.format(root=root, folder=str(folder))
    with real_hub(folder, free_port(), {}, more) as found:
        yield found


def attempt(hub: RealHub, user: str, password: str, *, source: str, language: str = "en") -> httpx.Response:
    """Sign in as the proxy hands it on: it appends the address that it saw."""
    with httpx.Client(
        base_url=hub.url, trust_env=False, headers={"Accept-Language": language, "X-Forwarded-For": source}
    ) as one:
        page = one.get("/hub/login")
        xsrf = re.findall(r'name="_xsrf" value="([^"]+)"', page.text)[0]
        return one.post("/hub/login", data={"username": user, "password": password, "_xsrf": xsrf})


def test_guessing_gets_slower_even_with_the_right_password_and_ends_with_the_wait(hub: RealHub) -> None:
    wrong = [attempt(hub, "minji", f"guess-{n}", source="198.51.100.7") for n in range(FREE)]
    too_soon = attempt(hub, "minji", PASSWORD, source="198.51.100.7", language="ko")
    again = attempt(hub, "MINJI", PASSWORD, source="198.51.100.7")
    elsewhere = attempt(hub, "minji", PASSWORD, source="198.51.100.8")
    classmate = attempt(hub, "junho", PASSWORD, source="198.51.100.7")
    time.sleep(int(too_soon.headers["Retry-After"]))
    in_time = attempt(hub, "minji", PASSWORD, source="198.51.100.7")
    mistyped = [attempt(hub, "minji", "oops", source="198.51.100.7") for _ in range(FREE)]

    assert [answer.status_code for answer in wrong] == [403] * FREE
    assert too_soon.status_code == again.status_code == 429
    assert re.search(r"[12]초 뒤에 다시", too_soon.text)
    assert re.search(r"in [12] seconds", again.text)
    assert elsewhere.status_code == classmate.status_code == 302
    assert in_time.status_code == 302, "asking while one has to wait does not make the wait longer"
    assert [answer.status_code for answer in mistyped] == [403] * FREE, "a success forgets what went wrong before"


def test_a_sender_of_made_up_addresses_is_taken_for_the_one_that_the_proxy_saw(hub: RealHub) -> None:
    made_up = [f"192.0.2.{n}, 198.51.100.9" for n in range(FREE + 1)]
    answers = [attempt(hub, "seoyeon", "guess", source=source) for source in made_up]

    assert [answer.status_code for answer in answers] == [403] * FREE + [429]
