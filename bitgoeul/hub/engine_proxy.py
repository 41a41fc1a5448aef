"""Stands between the Hub and the Docker engine: a short list of routes, every body checked, what is refused logged."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import anyio
import httpx
from sqlalchemy.exc import SQLAlchemyError

from bitgoeul.database import Database
from bitgoeul.errors import BitgoeulError
from bitgoeul.gpus.model import LABELS
from bitgoeul.gpus.store import Leases
from bitgoeul.hub import homes
from bitgoeul.hub.containers import DISK_LABEL, LABEL, UID
from bitgoeul.hub.engine_rules import Allowed, create

LOG = logging.getLogger("bitgoeul.docker-proxy")
LEASE_LABEL = LABELS[0]
_MOST = 1_000_000
_VERSION = re.compile(r"^/v1\.(\d{2})(?=/)")
_OLDEST = 30
"""Before 1.24 `start` took a body that changes the container."""

NAME = r"([A-Za-z0-9][A-Za-z0-9_.-]{0,200})"

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Refused(Exception):
    """The request is not one of those that the Hub needs."""


Leased = Callable[[str, str], frozenset[str]]
"""(lease, owner) -> the devices that this lease gives him now: one, or none."""


def leased(database: Database) -> Leased:
    """Look into the book of leases: who starts a container that was promised nothing gets nothing."""
    book = Leases(database, ())

    def devices(lease: str, owner: str) -> frozenset[str]:
        held = (one for one in book.book().leases if one.state == "held")
        return frozenset(one.device for one in held if (one.id, one.owner) == (lease, owner))

    return devices


def speaking_to(engine: Path) -> httpx.AsyncClient:
    """Speak HTTP to the engine's own socket."""
    transport = httpx.AsyncHTTPTransport(uds=str(engine))
    return httpx.AsyncClient(transport=transport, base_url="http://engine", timeout=None)  # noqa: S113  events and pulls last


class EngineProxy:
    """An ASGI app on a unix socket. `engine` is the path of the engine's own socket; without `devices` no GPU is given."""

    def __init__(self, engine: Path, allowed: Allowed, devices: Leased | None = None) -> None:
        self.allowed = allowed
        self._devices = devices
        self._http = speaking_to(engine)
        networks = sorted(allowed.networks)
        self._labs = json.dumps({"label": [LABEL], "network": networks})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 403 with the reason, or what the engine says."""
        if scope["type"] != "http":
            return
        method, path = scope["method"], scope["path"]
        try:
            body = await _read(receive)
            url, content = await self.translated(scope, body)
        except Refused as error:
            LOG.warning("refused %s %s: %s", method, path, error)
            await _say(send, 403, f"bitgoeul docker-proxy: {error}")
        except BitgoeulError as error:
            LOG.warning("failed %s %s: %s", method, path, error)
            await _say(send, 507, error.text.en)
        else:
            await self._pass(method, url, content, receive, send)

    async def translated(self, scope: Scope, body: bytes) -> tuple[str, bytes]:
        """Give the address and the body for the engine; raise `Refused` for everything else."""
        prefix, route, query = asked_for(scope)
        if route == ("POST", "/containers/create"):
            return f"{prefix}{route[1]}?{self._name(query)}", await self._create(body)
        if body.strip() not in (b"", b"{}", b"null"):
            raise Refused("this request takes no body")
        if route == ("GET", "/containers/json"):
            return f"{prefix}{route[1]}?all=1&filters={quote(self._labs)}", b""
        await self._known(route, query)
        return f"{prefix}{route[1]}" + (f"?{query}" if query else ""), b""

    async def _known(self, route: tuple[str, str], query: str) -> None:
        method, path = route
        if method in ("GET", "HEAD") and path in ("/_ping", "/version", "/events"):
            return
        if method == "POST" and path == "/images/create":
            self._pull(query)
            return
        if method == "GET" and (found := re.fullmatch(r"/images/(.+)/json", path)):
            if found[1] not in self.allowed.images:
                raise Refused(f"the image {found[1]} is not on the list")
            return
        if found := re.fullmatch(rf"/containers/{NAME}(/json|/start|/stop|/logs)?", path):
            wanted = {"/json": "GET", "/logs": "GET", "/start": "POST", "/stop": "POST", None: "DELETE"}[found[2]]
            if method == wanted:
                await self._ours(found[1])
                return
        raise Refused("the Hub needs no such request")

    def _name(self, query: str) -> str:
        """A container's name, and nothing else that could be asked for (`platform`)."""
        asked = parse_qs(query, keep_blank_values=True)
        names = asked.pop("name", [])
        if asked or len(names) != 1 or not re.fullmatch(NAME, names[0]):
            raise Refused(f"the query {query[:200]!r} is not one name")
        return f"name={quote(names[0])}"

    def _pull(self, query: str) -> None:
        asked = parse_qs(query, keep_blank_values=True)
        name, tag = asked.pop("fromImage", [""]), asked.pop("tag", ["latest"])
        if asked or f"{name[0]}:{tag[0]}" not in self.allowed.images or len(name) + len(tag) != 2:
            raise Refused(f"the image of {query[:200]!r} is not on the list")

    async def _create(self, body: bytes) -> bytes:
        try:
            asked = json.loads(body)
        except ValueError:
            raise Refused("the body is not JSON") from None
        passed, faults = create(asked, await self._allowed_for(asked))
        if faults:
            raise Refused("; ".join(faults))
        await anyio.to_thread.run_sync(self._places, passed)
        return json.dumps(passed).encode()

    async def _allowed_for(self, asked: Any) -> Allowed:
        """Allow the device of the lease that the body bears, and none other."""
        return replace(self.allowed, devices=await devices_of(asked, self._devices))

    def _places(self, passed: dict[str, Any]) -> None:
        """Prepare the home, and see that no place is a link that leads elsewhere."""
        for bind in passed["HostConfig"].get("Binds", []):
            source = Path(bind.split(":")[0])
            refuse_link(source)
            if str(source.parent) == self.allowed.homes:
                homes.ensure(source, disk_gb=_disk(passed["Labels"].get(DISK_LABEL, "0")), uid=UID)
            refuse_missing(source)

    async def _ours(self, name: str) -> None:
        """Let the Hub speak about labs alone: other containers are not there for it."""
        answer = await self._http.get(f"/containers/{name}/json")
        if answer.status_code == 200 and LABEL not in ((answer.json().get("Config") or {}).get("Labels") or {}):
            raise Refused(f"the container {name} is not a lab")

    async def _pass(self, method: str, url: str, content: bytes, receive: Receive, send: Send) -> None:
        headers = {"content-type": "application/json"} if content else {}
        request = self._http.build_request(method, url, content=content, headers=headers)
        try:
            answer = await self._http.send(request, stream=True)
        except httpx.TransportError as error:
            await _say(send, 502, f"bitgoeul docker-proxy: the engine does not answer: {error}")
            return
        async with anyio.create_task_group() as both:
            both.start_soon(_until_gone, receive, both.cancel_scope)
            try:
                kind = answer.headers.get("content-type", "application/json").encode()
                headers_out = [
                    (b"content-type", kind),
                    (b"api-version", answer.headers.get("api-version", "").encode()),
                ]
                await send({"type": "http.response.start", "status": answer.status_code, "headers": headers_out})
                async for chunk in answer.aiter_raw():
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body"})
            finally:
                with anyio.CancelScope(shield=True):
                    await answer.aclose()
            both.cancel_scope.cancel()


def refuse_link(source: Path) -> None:
    """Look before anything is prepared there: a link would have it done to what it leads to."""
    if source.resolve() != source:
        raise Refused(f"{source} is not a folder of its own")


def refuse_missing(source: Path) -> None:
    """Look after it was prepared: the engine would make what is not there."""
    if not source.is_dir():
        raise Refused(f"{source} is not a folder of its own")


async def devices_of(asked: Any, given_by: Leased | None) -> frozenset[str]:
    """Look up the device of the lease that the body bears. Raises `Refused` while the book cannot be read."""
    labels = asked.get("Labels") if isinstance(asked, dict) else None
    lease = labels.get(LEASE_LABEL) if isinstance(labels, dict) else None
    if given_by is None or not isinstance(labels, dict) or not isinstance(lease, str):
        return frozenset()
    try:
        return await anyio.to_thread.run_sync(given_by, lease, str(labels.get(LABEL)))
    except (BitgoeulError, SQLAlchemyError) as error:
        raise Refused(f"the leases cannot be read: {str(error).splitlines()[0]}") from None


def asked_for(scope: Scope) -> tuple[str, tuple[str, str], str]:
    """Give the version's prefix, (method, path) and the query; raise `Refused` for a version that is too old."""
    raw = scope.get("raw_path", b"").decode("ascii", "replace").split("?")[0]
    version = _VERSION.match(raw)
    if version and int(version[1]) < _OLDEST:
        raise Refused(f"version 1.{version[1]} of the engine's interface is too old")
    route = (scope["method"], raw[version.end() :] if version else raw)
    return version[0] if version else "", route, scope["query_string"].decode("ascii", "replace")


def _disk(text: str) -> float:
    if not re.fullmatch(r"\d{1,5}(\.\d{1,3})?", text):
        raise Refused(f"{DISK_LABEL}: {text[:40]!r} is no number of gigabytes")
    return float(text)


async def _until_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    """End an answer that lasts (events) when nobody listens any more."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused("the request ended early")
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > _MOST:
            raise Refused(f"the body is longer than {_MOST} bytes")
        if not message.get("more_body"):
            return body


async def _say(send: Send, status: int, message: str) -> None:
    body = json.dumps({"message": message}).encode()
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})
