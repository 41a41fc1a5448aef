"""Security headers on every answer that does not set its own."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: For HTML that came from a student or an instructor: nothing runs, nothing is loaded, an origin of its own.
UNTRUSTED_HTML = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox"
)


def page_policy(hub_host: str) -> str:
    """The content security policy of our own pages; `hub_host` is empty when the Hub shares our origin."""
    hub = f" {hub_host}" if hub_host else ""
    return (
        f"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        f"form-action 'self'{hub}; frame-ancestors 'none'"
    )


def security_headers(hub_host: str) -> dict[str, str]:
    """What every answer carries unless it sets its own."""
    return {
        "Content-Security-Policy": page_policy(hub_host),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cache-Control": "no-store",
    }


class SecurityHeaders:
    """ASGI middleware; it neither reads nor buffers a body."""

    def __init__(self, app: ASGIApp, *, hub_host: str = "") -> None:
        self._app = app
        self._headers = security_headers(hub_host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what is missing when the answer starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
