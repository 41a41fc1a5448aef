"""`bitgoeul docker-proxy` before the real engine: a lab goes through, and nothing else reaches the engine."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bitgoeul.database import Database
from bitgoeul.gpus.inventory import slots_of
from bitgoeul.gpus.model import Wish
from bitgoeul.gpus.store import Granted, Leases
from bitgoeul.hub import containers
from bitgoeul.hub.policy import Limits
from bitgoeul.migrations import migrate
from bitgoeul.profiles import Device
from tests.fakes.bad_bodies import BAD, changed
from tests.fakes.docker_engine import Engine
from tests.fakes.docker_images import Built

IMAGE = "bitgoeul/base:tests"
NETWORK = "proxied-labs"


@dataclass
class Proxy:
    http: httpx.Client
    state: Path
    log: Path
    engine: Engine

    def good(self, **changes: Any) -> dict[str, Any]:
        limits = Limits("one", IMAGE, 0.5, 256, "none", 64, changes.pop("disk_gb", 0), "closed")
        (self.state / "volumes/minji").mkdir(parents=True, exist_ok=True)
        binds = [f"{self.state}/volumes/minji:/home/student:rw"]
        return containers.request(
            limits,
            image=IMAGE,
            network=NETWORK,
            binds=binds,
            environment={"A": "b"},
            command=["sleep", "60"],
            user="minji",
            lease=changes.get("lease"),
        )

    def create(self, body: Any, name: str = "lab-minji") -> httpx.Response:
        return self.http.post(f"/v1.41/containers/create?name={name}", json=body)


@pytest.fixture(scope="module")
def proxy(engine: Engine, images: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    toml = f'[docker]\nengine = "{engine.url}"\nimage = "{IMAGE}"\nnetwork = "{NETWORK}"\n'
    toml += 'subnet = "172.30.0.0/24"\n[[gpus.devices]]\nuuid = "GPU-7"\n'
    (folder / "academy.toml").write_text(toml)
    environ = os.environ | {"BITGOEUL_SETTINGS": str(folder / "academy.toml"), "BITGOEUL_STATE": str(folder / "state")}
    socket, log = folder / "proxy.sock", folder / "log"
    with log.open("wb") as said, engine.network():  # where the engine's rules are
        process = subprocess.Popen(
            [sys.executable, "-m", "bitgoeul", "docker-proxy", "--socket", str(socket)], env=environ, stderr=said
        )
    transport = httpx.HTTPTransport(uds=str(socket))
    with httpx.Client(transport=transport, base_url="http://docker", timeout=30) as http:
        try:
            for _ in range(300):
                if socket.exists() or process.poll() is not None:
                    break
                time.sleep(0.1)
            assert socket.exists(), log.read_text()
            time.sleep(0.3)
            yield Proxy(http, folder / "state", log, engine)
        finally:
            process.terminate()
            process.wait(10)


def created(engine: Engine, since: float) -> list[dict[str, Any]]:
    """What the engine itself has written down of containers, images, networks and volumes since then."""
    with engine.client() as client:
        return list(client.events(since=since, until=time.time() + 0.2, decode=True))


def test_a_lab_is_made_started_stopped_and_removed(proxy: Proxy) -> None:
    made = proxy.create(proxy.good())
    assert made.status_code == 201, made.text
    name = made.json()["Id"]
    assert proxy.http.post(f"/v1.41/containers/{name}/start").status_code == 204
    state = proxy.http.get("/v1.41/containers/lab-minji/json").json()

    assert state["State"]["Running"]
    assert state["HostConfig"]["CapDrop"] == ["ALL"]
    assert proxy.http.post(f"/v1.41/containers/{name}/stop?t=0").status_code == 204
    assert proxy.http.delete(f"/v1.41/containers/{name}").status_code == 204


def test_no_bad_body_reaches_the_engine(proxy: Proxy) -> None:
    begun = time.time()
    assert len(BAD) >= 20
    for name in BAD:
        body = json.loads(json.dumps(changed(proxy.good(), name)).replace('"/state/', f'"{proxy.state}/'))
        answer = proxy.create(body, f"bad-{name}")
        assert answer.status_code == 403, name
        assert "docker-proxy" in answer.json()["message"], name

    assert created(proxy.engine, begun) == []
    with proxy.engine.client() as client:
        assert client.containers.list(all=True, filters={"name": "bad-"}) == []
    refused = [line for line in proxy.log.read_text().splitlines() if "refused POST" in line]
    assert len(refused) >= len(BAD)


@pytest.mark.parametrize("name", ["privileged", "the-hosts-root", "a-device", "the-hosts-processes"])
def test_the_engine_itself_would_have_taken_it(proxy: Proxy, name: str) -> None:
    """So that the proxy, and not an engine that is careful anyway, is what the tests see."""
    body = changed(proxy.good(), name)
    transport = httpx.HTTPTransport(uds=str(proxy.engine.socket))
    with httpx.Client(transport=transport, base_url="http://docker") as raw:
        made = raw.post("/v1.41/containers/create", json=body)
        assert made.status_code == 201, made.text
        raw.delete(f"/v1.41/containers/{made.json()['Id']}")


OTHERS = [
    ("POST", "/containers/{foreign}/start"),
    ("DELETE", "/containers/{foreign}?force=1"),
    ("GET", "/containers/{foreign}/json"),
    ("POST", "/containers/{lab}/exec"),
    ("POST", "/containers/{lab}/attach"),
    ("POST", "/containers/{lab}/update"),
    ("POST", "/containers/{lab}/rename?name=x"),
    ("PUT", "/containers/{lab}/archive?path=/"),
    ("GET", "/containers/{lab}/export"),
    ("POST", "/commit?container={lab}"),
    ("POST", "/build"),
    ("POST", "/images/load"),
    ("POST", "/images/create?fromImage=debian&tag=12"),
    ("POST", "/images/create?fromSrc=-&repo=bitgoeul/base&tag=tests"),
    ("GET", "/images/debian:12/json"),
    ("DELETE", "/images/bitgoeul/base:tests"),
    ("POST", "/volumes/create"),
    ("POST", "/networks/create"),
    ("POST", "/swarm/init"),
    ("POST", "/plugins/pull"),
    ("GET", "/info"),
    ("POST", "/auth"),
    ("POST", "/containers/create?name=x&platform=linux"),
    ("POST", "/containers/../containers/create"),
    ("POST", "/containers%2fcreate"),
    ("POST", "//containers/create"),
]


def test_every_other_route_is_refused(proxy: Proxy) -> None:
    lab = proxy.create(proxy.good(), "lab-routes").json()["Id"]
    with proxy.engine.client() as client:
        foreign = client.containers.create(IMAGE, ["true"], network_mode="none")
        begun = time.time()
        time.sleep(0.05)
        for method, path in OTHERS:
            answer = proxy.http.request(method, "/v1.41" + path.format(lab=lab, foreign=foreign.id), json={})
            assert answer.status_code == 403, (method, path, answer.text)
        assert proxy.http.post("/v1.23/containers/create?name=x", json=proxy.good()).status_code == 403
        assert proxy.http.post(f"/v1.41/containers/{lab}/start", json={"Privileged": True}).status_code == 403
        assert proxy.http.post("/v1.41/containers/create?name=x", content=b"{" * 2_000_000).status_code == 403
        assert created(proxy.engine, begun) == []
        foreign.remove()
    assert proxy.http.delete(f"/v1.41/containers/{lab}").status_code == 204


def test_the_socket_is_for_its_user_and_group(proxy: Proxy) -> None:
    assert stat.S_IMODE((proxy.log.parent / "proxy.sock").stat().st_mode) == 0o660


def test_the_list_is_of_labs_alone(proxy: Proxy) -> None:
    lab = proxy.create(proxy.good(), "lab-listed").json()["Id"]
    with proxy.engine.client() as client:
        foreign = client.containers.create(IMAGE, ["true"], network_mode="none")
        everything = json.dumps({"status": ["created"]})
        answer = proxy.http.get(f"/v1.41/containers/json?all=1&filters={everything}")
        foreign.remove()
    proxy.http.delete(f"/v1.41/containers/{lab}")

    assert [one["Names"] for one in answer.json()] == [["/lab-listed"]]


def test_a_device_goes_to_whom_it_is_lent_and_for_as_long(proxy: Proxy) -> None:
    database = Database(f"sqlite:///{proxy.state / 'bitgoeul.sqlite'}")
    migrate(database)
    leases = Leases(database, slots_of([Device(uuid="GPU-7")]))
    found = leases.acquire(Wish("minji", "", "one", "whole"))
    assert isinstance(found, Granted)
    lease = found.lease
    stolen = proxy.good(lease=lease)
    stolen["Labels"][containers.LABEL] = "junho"
    tries = {
        "another's": stolen,
        "no lease's": proxy.good(lease=replace(lease, id="l-none")),
        "another device": proxy.good(lease=replace(lease, device="GPU-8")),
    }
    for name, body in tries.items():
        answer = proxy.create(body, "lab-gpu")
        assert (answer.status_code, "DeviceRequests" in answer.text) == (403, True), name
    made = proxy.create(proxy.good(lease=lease), "lab-gpu")
    proxy.http.delete("/v1.41/containers/lab-gpu")
    leases.release(lease.id)
    late = proxy.create(proxy.good(lease=lease), "lab-gpu")
    database.close()

    assert made.status_code == 201, made.text
    assert late.status_code == 403


def test_a_home_that_is_a_link_is_refused(proxy: Proxy) -> None:
    body = proxy.good()
    elsewhere = proxy.state / "elsewhere"
    elsewhere.mkdir()
    before = elsewhere.stat()
    (proxy.state / "volumes/evil").symlink_to(elsewhere)
    body["HostConfig"]["Binds"] = [f"{proxy.state}/volumes/evil:/home/student:rw"]

    answer = proxy.create(body)

    after = elsewhere.stat()

    assert answer.status_code == 403
    assert "not a folder of its own" in answer.text
    assert (after.st_uid, after.st_mode) == (before.st_uid, before.st_mode)


def test_events_arrive_as_they_happen(proxy: Proxy) -> None:
    query = json.dumps({"container": ["lab-events"]})
    with proxy.http.stream("GET", f"/v1.41/events?filters={query}") as events:
        made = proxy.create(proxy.good(), "lab-events").json()["Id"]
        first = json.loads(next(events.iter_lines()))
    proxy.http.delete(f"/v1.41/containers/{made}")

    assert first["Action"] == "create"
