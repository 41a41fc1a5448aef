"""Where the Hub is and where we are: addresses and our token, as the Hub tells a service that it manages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from bitgoeul.errors import ServiceRefused


@dataclass(frozen=True)
class HubLink:
    """How this service and its Hub reach each other, as the Hub tells a service it manages.

    `api_url` is for us; `host` and `base_url` are for browsers (`host` is empty on the same origin).
    `prefix` is our own path and ends with a slash, as `base_url` does.
    """

    api_url: str
    api_token: str
    service: str = "bitgoeul"
    client_id: str = "service-bitgoeul"
    prefix: str = "/services/bitgoeul/"
    base_url: str = "/"
    host: str = ""
    public_url: str = ""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> HubLink:
        """Read the JUPYTERHUB_* variables of a managed service; raise `ServiceRefused` when they are not there."""
        missing = [name for name in ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN") if not environ.get(name)]
        if missing:
            raise ServiceRefused(
                ko=f"허브가 서비스를 시작할 때 주는 환경 변수 {', '.join(missing)}이(가) 없습니다. `bitgoeul up`으로 시작하세요.",
                en=f"The Hub gives its services {', '.join(missing)}; not set here. Start the academy with `bitgoeul up`.",
            )
        service = environ.get("JUPYTERHUB_SERVICE_NAME") or "bitgoeul"
        return cls(
            api_url=environ["JUPYTERHUB_API_URL"].rstrip("/"),
            api_token=environ["JUPYTERHUB_API_TOKEN"],
            service=service,
            client_id=environ.get("JUPYTERHUB_CLIENT_ID") or f"service-{service}",
            prefix=environ.get("JUPYTERHUB_SERVICE_PREFIX") or f"/services/{service}/",
            base_url=environ.get("JUPYTERHUB_BASE_URL") or "/",
            host=environ.get("JUPYTERHUB_HOST", "").rstrip("/"),
            public_url=environ.get("JUPYTERHUB_PUBLIC_URL", ""),
        )

    @property
    def scope(self) -> str:
        """The scope that a token needs to speak to us."""
        return f"access:services!service={self.service}"

    @property
    def callback(self) -> str:
        """Where the Hub sends browsers back to: an address of our own origin, if the Hub gives everybody one."""
        public = urlsplit(self.public_url)
        origin = f"{public.scheme}://{public.netloc}" if self.host and public.netloc else ""
        return f"{origin}{self.prefix}oauth_callback"

    def browser_url(self, path: str) -> str:
        """The Hub's own page at `path` (without a leading slash), for a browser."""
        return f"{self.host}{self.base_url}hub/{path}"

    def authorize_url(self, *, state: str, challenge: str) -> str:
        """Where a browser goes to sign in."""
        query = {
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "response_type": "code",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.browser_url('api/oauth2/authorize')}?{urlencode(query)}"
