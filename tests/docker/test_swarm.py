"""`bitgoeul up --runtime swarm` on two real engines: labs land on both machines, and one of these dies."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bitgoeul.hub import processes, swarm_services
from bitgoeul.hub.labs import plan
from bitgoeul.hub.policy import Limits
from bitgoeul.names import UserName
from bitgoeul.settings import Settings, load
from tests.fakes import docker_academy
from tests.fakes.bad_services import BAD, changed
from tests.fakes.docker_engine import Engine
from tests.fakes.docker_images import Built
from tests.fakes.ports import free_port
from tests.fakes.swarm import ADDRESSES, Cluster, cluster, saved
from tests.fakes.visitor import Visitor

IMAGE = "bitgoeul/notebook:tests"
PEOPLE = ("minji", "junho", "amelia", "haneul", "dahye", "sora", "yuna", "jaeho", "taeo", "bora")
ACADEMY = """
[academy]
curriculum = "{curriculum}"

[hub]
runtime = "swarm"
start_timeout_seconds = 35

[docker]
engine = "{engine}"
image = "bitgoeul/notebook:tests"

[swarm]
advertise = "10.77.0.1"
cpus_kept = 1
memory_kept = 0.1

{people}
[[gpus.devices]]
uuid = "GPU-aaaa"
host = "h1"

[[gpus.devices]]
uuid = "GPU-bbbb"
host = "h2"

[cohorts.plain]
title = {{ ko = "보통", en = "Plain" }}
students = ["minji", "junho", "amelia"]
cpus = 0.4
memory_mb = 512
processes = 256
network = "closed"

[cohorts.absent]
title = {{ ko = "이미지 없음", en = "No image" }}
students = ["haneul"]
image = "bitgoeul/absent:tests"
cpus = 0.2
network = "closed"

[cohorts.big]
title = {{ ko = "큰 기수", en = "Big" }}
students = ["dahye", "sora", "yuna"]
cpus = {big}
memory_mb = 512
network = "closed"

[cohorts.gpu]
title = {{ ko = "GPU", en = "GPU" }}
students = ["jaeho", "taeo", "bora"]
cpus = 0.2
memory_mb = 512
gpu = "whole"
network = "closed"
"""


@dataclass
class Academy:
    swarm: Cluster
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    visitors: dict[str, Visitor] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def settings(self) -> Settings:
        return load(self.folder / "academy.toml", {"BITGOEUL_STATE": str(self.state)})

    def up(self, root: Path) -> None:
        self.process = docker_academy.up(root, self.folder, self.port)

    def down(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(90)

    def visitor(self, user: str) -> Visitor:
        if user not in self.visitors:
            self.visitors[user] = Visitor(f"http://127.0.0.1:{self.port}", user)
            self.visitors[user].sign_in()
        return self.visitors[user]

    def told(self, user: str) -> list[dict[str, Any]]:
        """Click, and give all that the waiting page is told until the start ends, well or not."""
        visitor = self.visitor(user)
        visitor.http.get(f"/hub/spawn/{user}", follow_redirects=False)
        with visitor.http.stream("GET", f"/hub/api/users/{user}/server/progress", timeout=90) as stream:
            return [json.loads(line[5:]) for line in stream.iter_lines() if line.startswith("data:")]

    def end(self, *users: str) -> None:
        """Stop people's labs and wait until nothing of them runs."""
        for user in users:
            http = self.visitor(user).http
            token = http.cookies.get("_xsrf", path="/hub/") or ""
            http.delete(f"/hub/api/users/{user}/server", headers={"X-XSRFToken": token})
        until = time.monotonic() + 40
        while any(self.swarm.container(node, user) for node in self.swarm.nodes for user in users):
            assert time.monotonic() < until
            time.sleep(0.3)

    def page(self, user: str, path: str, *, follow: bool = True) -> str:
        http = self.visitor(user).http
        return http.get(path, headers={"Accept-Language": "ko"}, follow_redirects=follow).text


@pytest.fixture(scope="module")
def archive(engine: Engine, images: Built) -> Iterator[Path]:
    assert "notebook" in images.measured
    path = saved(engine, IMAGE)
    try:
        yield path
    finally:
        path.unlink()


@pytest.fixture(scope="module")
def academy(archive: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Academy]:
    folder = tmp_path_factory.mktemp("swarm")
    with cluster({"h1": ["GPU-aaaa"], "h2": ["GPU-bbbb"]}) as swarm:
        swarm.load(archive)
        people = "".join(
            f'[[people]]\nuser = "{user}"\nname = {{ ko = "{user}", en = "{user}" }}\nrole = "student"\n'
            for user in PEOPLE
        )
        with swarm.h1.client() as client:
            big = client.info()["NCPU"] - 0.5
        text = ACADEMY.format(curriculum=root / "curriculum", engine=swarm.h1.url, people=people, big=big)
        (folder / "academy.toml").write_text(text)
        with swarm.h1.network():
            prepare(swarm, folder)
            found = Academy(swarm, folder, free_port())
            try:
                found.up(root)
                yield found
            finally:
                for visitor in found.visitors.values():
                    visitor.http.close()
                found.down()


def prepare(swarm: Cluster, folder: Path) -> None:
    """The operator's way: the script that the Hub's machine prints runs on the other one."""
    environ = os.environ | {"BITGOEUL_SETTINGS": str(folder / "academy.toml"), "BITGOEUL_STATE": str(folder / "state")}
    command = [sys.executable, "-m", "bitgoeul", "swarm-node"]
    script = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    swarm.h2.inside("sh", text=script)
    swarm.h2.inside("sh", text=script)  # it may run again


def failure(events: list[dict[str, Any]]) -> str:
    assert events[-1].get("failed"), events
    return json.dumps(events[-1], ensure_ascii=False)


REACH = """
import socket
def reach(host, port):
    try:
        socket.create_connection((host, port), 2).close()
        return "open"
    except OSError as error:
        return type(error).__name__
"""


def test_labs_land_on_both_machines_and_are_told_of_on_the_way(academy: Academy) -> None:
    events = academy.told("minji")
    academy.visitor("junho").start_lab()

    assert events[-1].get("ready"), events
    assert "컨테이너가 켜졌습니다" in " ".join(event.get("ko", "") for event in events)
    assert {academy.swarm.where("minji"), academy.swarm.where("junho")} == {"h1", "h2"}
    academy.visitor("minji").start_lab()
    for user in ("minji", "junho"):
        assert academy.visitor(user).tell("api/kernels", {"name": "python3"}).status_code == 201
        assert academy.visitor(user).ask("assignments?course_id=machine-learning").status_code == 200


def test_a_lab_has_no_power_and_keeps_to_its_limits(academy: Academy) -> None:
    node = next(node for node in academy.swarm.nodes if node.name == academy.swarm.where("minji"))
    with node.client() as client:
        host = client.containers.get(academy.swarm.container(node, "minji")).attrs["HostConfig"]
    status = academy.swarm.run("minji", "print(open('/proc/self/status').read())")

    assert "CapEff:\t" + "0" * 16 in status
    assert "CapBnd:\t" + "0" * 16 in status
    assert "Seccomp:\t2" in status
    assert (host["Memory"], host["PidsLimit"], host["NanoCpus"]) == (512 * 1024 * 1024, 256, 400_000_000)
    assert (host["ReadonlyRootfs"], host["Privileged"], host["Init"]) == (True, False, True)
    assert "Read-only file system" in academy.swarm.run("minji", "open('/opt/x', 'w')")
    assert academy.swarm.run("minji", "import os; print(os.statvfs('/dev/shm').f_blocks * 4096)") == str(256 * 1024**2)
    assert academy.swarm.run("minji", "import os; print(os.environ['NVIDIA_VISIBLE_DEVICES'])") == "void"


def address_of(swarm: Cluster, user: str) -> tuple[str, str, int]:
    """Where a person's lab is: its own address, its machine's, and its port there."""
    node = next(node for node in swarm.nodes if node.name == swarm.where(user))
    with node.client() as client:
        found = client.containers.get(swarm.container(node, user)).attrs["NetworkSettings"]
    inner = found["Networks"]["bitgoeul-swarm"]["IPAddress"]
    return inner, node.address, int(found["Ports"]["8888/tcp"][0]["HostPort"])


def test_from_inside_a_lab_no_other_lab_is_reached(academy: Academy) -> None:
    academy.visitor("amelia").start_lab()
    swarm = academy.swarm
    here = next(user for user in ("minji", "junho") if swarm.where(user) == swarm.where("amelia"))
    there = next(user for user in ("minji", "junho") if user != here)
    beside, machine, port = address_of(swarm, here)
    _, other_machine, other_port = address_of(swarm, there)
    tries = {
        "a lab beside it": (beside, 8888),
        "a lab beside it by its machine's port": (machine, port),
        "a lab beside it by the gateway": ("172.30.0.1", port),
        "a lab on the other machine": (other_machine, other_port),
        "the Swarm's own port": (ADDRESSES["h1"], 2377),
        "the world": ("1.1.1.1", 443),
    }
    for name, at in tries.items():
        found = swarm.run("amelia", f"{REACH}\nprint(reach{at!r})")
        assert found in ("TimeoutError", "timeout", "OSError", "ConnectionRefusedError"), (name, found)

    hub = f"{REACH}\nprint(reach('{ADDRESSES['h1']}', 8081), reach('{ADDRESSES['h1']}', 8082))"
    assert swarm.run("amelia", hub) == "open open"
    for at in ((machine, port), (other_machine, other_port)):
        assert httpx.get(f"http://{at[0]}:{at[1]}/user/x/api", trust_env=False).status_code in (200, 404)


def test_only_the_hubs_machine_reaches_a_lab(academy: Academy) -> None:
    """The other machine's own programs do not; the lab on h1 was reached from h1 in the test before."""
    swarm = academy.swarm
    user = next(user for user in ("minji", "junho", "amelia") if swarm.where(user) == "h1")
    _, machine, port = address_of(swarm, user)
    ask = f"{REACH}\nprint(reach('{machine}', {port}))"

    assert swarm.h2.inside(sys.executable, "-c", ask).strip() in ("TimeoutError", "timeout")


def test_a_home_is_met_again_where_it_lies(academy: Academy) -> None:
    was = academy.swarm.where("junho")
    academy.swarm.run("junho", "open('/home/student/kept.txt', 'w').write('mine')")
    academy.end("junho")
    academy.visitor("junho").start_lab()

    assert academy.swarm.where("junho") == was
    assert academy.swarm.run("junho", "print(open('/home/student/kept.txt').read())") == "mine"


def test_a_rejected_task_ends_the_start_at_once_with_the_reason(academy: Academy) -> None:
    begun = time.monotonic()
    told = failure(academy.told("haneul"))

    assert time.monotonic() - begun < 30
    assert "실습실을 켜지 못합니다" in told
    assert "bitgoeul/absent:tests" in told
    assert "cannot start the lab" in told


def test_two_gpus_are_two_peoples_and_the_third_waits_his_turn(academy: Academy) -> None:
    for user in ("jaeho", "taeo"):
        academy.visitor(user).start_lab()
    seen = {
        user: academy.swarm.run(user, "import os; print(os.environ['NVIDIA_VISIBLE_DEVICES'])")
        for user in ("jaeho", "taeo")
    }
    places = {user: academy.swarm.where(user) for user in seen}
    waiting = academy.page("bora", "/hub/spawn/bora")

    assert {places[user]: seen[user] for user in seen} == {"h1": "GPU-aaaa", "h2": "GPU-bbbb"}
    assert "대기 순서 1번" in waiting
    academy.end("jaeho")
    academy.visitor("bora").start_lab()
    assert academy.swarm.run("bora", "import os; print(os.environ['NVIDIA_VISIBLE_DEVICES'])") == seen["jaeho"]
    assert "DOCKER_RESOURCE_" + seen["jaeho"].upper() in academy.swarm.run("bora", "import os; print(list(os.environ))")
    academy.end("taeo", "bora")


def test_a_full_swarm_tells_and_gives_room_as_soon_as_there_is_some(academy: Academy) -> None:
    academy.end("minji", "junho", "amelia")
    for user in ("dahye", "sora"):
        academy.visitor(user).start_lab()
    events = academy.told("yuna")
    told = failure(events)

    assert "자리를 기다립니다" in json.dumps(events[:-1], ensure_ascii=False)
    assert "자리가 나지 않았습니다" in told
    assert "insufficient resources" in told
    assert not [task for task in academy.swarm.tasks() if task["Status"]["State"] == "pending"]
    academy.visitor("yuna").http.get("/hub/spawn/yuna", follow_redirects=False)
    time.sleep(2)
    academy.end("sora")
    academy.visitor("yuna").start_lab()
    academy.end("yuna", "dahye")


OTHERS = [
    ("GET", "/info"),
    ("GET", "/events"),
    ("GET", "/containers/json"),
    ("POST", "/containers/create?name=x"),
    ("GET", "/secrets"),
    ("POST", "/secrets/create"),
    ("GET", "/configs"),
    ("GET", "/swarm"),
    ("POST", "/swarm/update?version=1"),
    ("GET", "/swarm/unlockkey"),
    ("POST", "/nodes/{node}/update?version=1"),
    ("DELETE", "/nodes/{node}?force=1"),
    ("GET", "/nodes/{node}"),
    ("POST", "/services/{lab}/update?version=1"),
    ("GET", "/services/{lab}/logs?stdout=1"),
    ("GET", "/services/{foreign}"),
    ("DELETE", "/services/{foreign}"),
    ("POST", "/services/create?x=1"),
    ("POST", "/services%2fcreate"),
    ("GET", "/images/debian:12/json"),
    ("POST", "/networks/create"),
    ("POST", "/volumes/create"),
    ("POST", "/images/load"),
]


def test_no_bad_body_and_no_other_route_reaches_the_engine(academy: Academy) -> None:
    settings = academy.settings
    lab = plan(settings, UserName("minji"), "", [], "ko")
    limits = Limits("plain", IMAGE, 0.1, 256, "none", 64, 0, "closed")
    asked: dict[str, Any] = {"image": IMAGE, "network": "bitgoeul-swarm", "environment": {}, "command": ["sleep", "60"]}
    good = swarm_services.request(settings, lab, limits, user="minji", server="", **asked)
    transport = httpx.HTTPTransport(uds=str(academy.state / "hub" / "docker.sock"))
    with (
        httpx.Client(transport=transport, base_url="http://docker", timeout=30) as proxy,
        academy.swarm.h1.client() as raw,
    ):
        made = proxy.post("/v1.41/services/create", json=good)
        assert made.status_code == 201, made.text
        foreign = raw.services.create(IMAGE, ["sleep", "60"], name="foreign")
        try:
            before = {service.name for service in raw.services.list()}
            for name in BAD:
                answer = proxy.post("/v1.41/services/create", json=changed(good, name))
                assert answer.status_code == 403, (name, answer.text)
            node = raw.nodes.list()[0].id
            for method, path in OTHERS:
                path = path.format(node=node, lab=made.json()["ID"], foreign=foreign.id)
                assert proxy.request(method, f"/v1.41{path}").status_code == 403, (method, path)
            assert {service.name for service in raw.services.list()} == before
            assert [one["ID"] for one in proxy.get("/v1.41/services").json()] == [made.json()["ID"]]
            kept = raw.services.get(made.json()["ID"]).attrs["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]
            assert kept == raw.images.get(IMAGE).id
            assert proxy.delete(f"/v1.41/services/{made.json()['ID']}").status_code == 200
        finally:
            foreign.remove()
    refused = [line for line in (academy.state / "hub/docker-proxy.log").read_text().splitlines() if "refused" in line]
    assert len(refused) >= len(BAD) + len(OTHERS)


def test_when_a_machine_dies_its_people_are_told_and_start_on_the_other(academy: Academy) -> None:
    for user in ("minji", "junho"):
        academy.visitor(user).start_lab()
    lost = next(user for user in ("minji", "junho") if academy.swarm.where(user) == "h2")
    stays = next(user for user in ("minji", "junho") if user != lost)
    academy.swarm.h2.die()
    until = time.monotonic() + 60
    while "h2" not in (page := academy.page(lost, f"/hub/user/{lost}/", follow=False)):
        assert time.monotonic() < until, page[-2000:]
        time.sleep(1)

    assert "응답하지 않아 실습실이 꺼졌습니다" in page
    assert "빈 홈으로" in page
    assert academy.visitor(stays).ask("api/status").status_code == 200
    academy.visitor(lost).start_lab()
    assert academy.swarm.where(lost) == "h1"
    academy.visitor("jaeho").start_lab()
    assert academy.swarm.run("jaeho", "import os; print(os.environ['NVIDIA_VISIBLE_DEVICES'])") == "GPU-aaaa"
    assert "대기 순서 1번" in academy.page("taeo", "/hub/spawn/taeo")


def test_ctrl_c_removes_every_service(academy: Academy) -> None:
    assert academy.down() == 0, (academy.folder / "said").read_text()
    with academy.swarm.h1.client() as client:
        assert [one for one in client.services.list() if "bitgoeul.lab" in one.attrs["Spec"]["Labels"]] == []
    with contextlib.suppress(FileNotFoundError):
        assert processes.of_academy(academy.state) == []
