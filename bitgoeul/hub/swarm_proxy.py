"""Stands between the Hub and a manager of a Docker Swarm, as `engine_proxy` does for one engine."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import anyio

from bitgoeul.hub import homes, swarm_rules
from bitgoeul.hub.containers import UID
from bitgoeul.hub.engine_proxy import (
    NAME,
    EngineProxy,
    Leased,
    Refused,
    Scope,
    asked_for,
    devices_of,
    refuse_link,
    refuse_missing,
    speaking_to,
)
from bitgoeul.hub.swarm_rules import AllowedServices
from bitgoeul.hub.swarm_services import ACADEMY


class SwarmProxy(EngineProxy):
    """The few routes of services, tasks and machines; of an academy's own services alone."""

    def __init__(self, engine: Path, allowed: AllowedServices, devices: Leased | None = None) -> None:
        self.services = allowed
        self._devices = devices
        self._http = speaking_to(engine)
        self._own = f"{ACADEMY}={allowed.academy}"

    async def translated(self, scope: Scope, body: bytes) -> tuple[str, bytes]:
        """Give the address and the body for the engine; raise `Refused` for everything else."""
        prefix, (method, path), query = asked_for(scope)
        if (method, path) == ("POST", "/services/create") and not query:
            return f"{prefix}{path}", await self._service(body)
        if body.strip() not in (b"", b"{}", b"null"):
            raise Refused("this request takes no body")
        if method == "GET" and path in ("/services", "/tasks"):
            return f"{prefix}{path}?filters={quote(self._filters(query))}", b""
        if query:
            raise Refused(f"this request takes no query: {query[:200]!r}")
        await self._allowed(method, path)
        return f"{prefix}{path}", b""

    async def _allowed(self, method: str, path: str) -> None:
        if method in ("GET", "HEAD") and path in ("/_ping", "/version"):
            return
        if method == "GET" and path == "/nodes":
            return
        if method == "GET" and (found := re.fullmatch(r"/images/(.+)/json", path)):
            if found[1] not in self.services.images:
                raise Refused(f"the image {found[1]} is not on the list")
            return
        if method in ("GET", "DELETE") and (found := re.fullmatch(rf"/services/{NAME}", path)):
            await self._ours(found[1])
            return
        raise Refused("the Hub needs no such request")

    def _filters(self, query: str) -> str:
        """Ask for nothing but this academy's labs, whatever was asked for."""
        asked = parse_qs(query)
        if set(asked) - {"filters", "status", "insertDefaults"}:
            raise Refused(f"the query {query[:200]!r} is not one of filters")
        return json.dumps({"label": [self._own]})

    async def _ours(self, name: str) -> None:
        """Let the Hub speak about labs alone: other services are not there for it."""
        answer = await self._http.get(f"/services/{name}")
        if answer.status_code == 200 and self._labels(answer.json()).get(ACADEMY) != self.services.academy:
            raise Refused(f"the service {name} is not a lab of this academy")

    @staticmethod
    def _labels(service: dict[str, Any]) -> dict[str, str]:
        found: dict[str, str] = (service.get("Spec") or {}).get("Labels") or {}
        return found

    async def _service(self, body: bytes) -> bytes:
        try:
            asked = json.loads(body)
        except ValueError:
            raise Refused("the body is not JSON") from None
        devices = await devices_of(asked, self._devices)
        passed, faults = swarm_rules.create(asked, replace(self.services, devices=devices))
        if faults:
            raise Refused("; ".join(faults))
        container = passed["TaskTemplate"]["ContainerSpec"]
        await anyio.to_thread.run_sync(self._folders, container["Mounts"])
        image = await self._pinned(container["Image"])
        return json.dumps(swarm_rules.finished(passed, image=image, devices=devices)).encode()

    async def _pinned(self, image: str) -> str:
        """Name it by its contents; one that only other machines have goes by its name, and they say what they lack."""
        answer = await self._http.get(f"/images/{image}/json")
        return swarm_rules.pinned(image, answer.json()) if answer.status_code == 200 else image

    def _folders(self, mounts: list[dict[str, Any]]) -> None:
        """Prepare a home on shared storage, and see that no folder of ours is a link that leads elsewhere."""
        for mount in mounts:
            source = Path(mount.get("Source", ""))
            if mount["Type"] != "bind" or str(source) == self.services.datasets:
                continue
            refuse_link(source)
            if str(source.parent) == self.services.homes:
                if not source.parent.is_dir():
                    raise Refused(f"the shared storage {source.parent} is not there")
                homes.ensure(source, disk_gb=0, uid=UID)
            refuse_missing(source)
