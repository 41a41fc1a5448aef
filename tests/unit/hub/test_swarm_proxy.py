"""The swarm's proxy without an engine: what it asks in the Hub's name, and which folders it lets a lab see."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from bitgoeul.hub.engine_proxy import Refused
from bitgoeul.hub.swarm_proxy import SwarmProxy
from bitgoeul.hub.swarm_rules import AllowedServices


def proxy(folder: Path, devices: Any = None) -> SwarmProxy:
    allowed = AllowedServices(
        "one", frozenset({"i:1"}), frozenset({"one"}), "one-home-", f"{folder}/courses", homes=f"{folder}/homes"
    )
    return SwarmProxy(folder / "no.sock", allowed, devices)


def asked(found: SwarmProxy, method: str, path: str, query: str = "", body: bytes = b"") -> tuple[str, bytes]:
    scope = {"method": method, "raw_path": path.encode(), "query_string": query.encode()}
    return asyncio.run(found.translated(scope, body))


@pytest.mark.parametrize("query", ["", 'filters={"label":{"x":true}}', "status=true", "insertDefaults=true&filters={}"])
@pytest.mark.parametrize("path", ["/v1.41/tasks", "/v1.41/services"])
def test_only_the_academys_own_labs_are_asked_for(path: str, query: str, tmp_path: Path) -> None:
    url, body = asked(proxy(tmp_path), "GET", path, query)

    assert url.split("?")[0] == path
    assert json.loads(parse_qs(url.split("?")[1])["filters"][0]) == {"label": ["bitgoeul.academy=one"]}
    assert body == b""


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("GET", "/tasks/x", "", b""),
        ("GET", "/tasks", "x=1", b""),
        ("GET", "/nodes/x", "", b""),
        ("GET", "/nodes", "filters={}", b""),
        ("POST", "/nodes", "", b""),
        ("GET", "/nodes", "", b'{"x": 1}'),
        ("GET", "/events", "", b""),
        ("GET", "/images/other/json", "", b""),
        ("POST", "/services/create", "registryAuthFrom=spec", b"{}"),
        ("POST", "/services/create", "", b"nonsense"),
        ("POST", "/services/create", "", b"[]"),
        ("PUT", "/services/x", "", b""),
        ("GET", "/v1.24/nodes", "", b""),
    ],
)
def test_everything_else_is_refused(method: str, path: str, query: str, body: bytes, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        asked(proxy(tmp_path), method, path, query, body)


def mounts(source: Path) -> list[dict[str, Any]]:
    return [{"Type": "bind", "Source": str(source)}, {"Type": "tmpfs", "Target": "/tmp"}]


def test_a_home_on_shared_storage_is_made_and_a_link_is_none(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not there"):
        proxy(tmp_path)._folders(mounts(tmp_path / "homes/minji"))
    (tmp_path / "homes").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "homes/evil").symlink_to(tmp_path / "elsewhere")
    proxy(tmp_path)._folders(mounts(tmp_path / "homes/minji"))

    assert (tmp_path / "homes/minji").is_dir()
    with pytest.raises(Refused, match="not a folder of its own"):
        proxy(tmp_path)._folders(mounts(tmp_path / "homes/evil"))
