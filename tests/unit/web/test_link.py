"""Where a service stands, by the Hub's word."""

from __future__ import annotations

import pytest

from bitgoeul.web.link import HubLink

ENVIRON = {"JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api", "JUPYTERHUB_API_TOKEN": "x"}
PORTAL = "https://bitgoeul--service.hub.example.kr"


@pytest.mark.parametrize(
    ("host", "public", "callback"),
    [
        ("", "", "/services/bitgoeul/oauth_callback"),
        ("", "http://127.0.0.1:8000/services/bitgoeul/", "/services/bitgoeul/oauth_callback"),
        ("https://hub.example.kr", f"{PORTAL}/services/bitgoeul/", f"{PORTAL}/services/bitgoeul/oauth_callback"),
    ],
)
def test_browsers_come_back_to_the_services_own_origin(host: str, public: str, callback: str) -> None:
    link = HubLink.from_environ({**ENVIRON, "JUPYTERHUB_HOST": host, "JUPYTERHUB_PUBLIC_URL": public})

    assert link.callback == callback
