"""A lab as a container, as data: what it sees, what it is told, what it may use."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bitgoeul import settings
from bitgoeul.gpus.model import Lease, Running
from bitgoeul.hub import containers, docker, networks
from bitgoeul.hub.labs import plan
from bitgoeul.hub.policy import Limits
from bitgoeul.names import UserName
from bitgoeul.profiles import NETWORKS, Network
from bitgoeul.settings import Settings

PLACE = containers.Place("172.31.0.1", 8082)


LIMITS = Limits("one", "", 1.5, 1024, "whole", 200, 5, "closed")
NOW = datetime.now(UTC)
LEASE = Lease("l1", "minji", "one", "", "h", "GPU-1", 0, "whole", "adhoc", NOW, NOW)


def academy(root: Path, tmp_path: Path, **docker: str) -> Settings:
    found = settings.load(root / "academy.toml", {"BITGOEUL_STATE": str(tmp_path / "state")})
    return found.model_copy(update={"docker": found.docker.model_copy(update={"datasets": "/data", **docker})})


def test_a_student_sees_his_home_and_the_data_and_staff_their_course(root: Path, tmp_path: Path) -> None:
    academy_ = academy(root, tmp_path)
    student = plan(academy_, UserName("minji"), "", [], "ko")
    staff = plan(academy_, UserName("seoyeon"), "machine-learning", ["formgrade-machine-learning"], "ko")
    home, data = f"{academy_.state}/volumes/{{}}:/home/student:rw", "/data:/datasets:ro"

    assert containers.binds(academy_, student, "minji") == [home.format("minji"), data]
    assert containers.binds(academy_, staff, "seoyeon") == [
        home.format("seoyeon"),
        f"{academy_.state}/courses/machine-learning:/srv/course:rw",
        data,
    ]


def test_no_path_of_the_server_is_told_inside(root: Path, tmp_path: Path) -> None:
    academy_ = academy(root, tmp_path)
    lab = plan(academy_, UserName("minji"), "", ["nbgrader-machine-learning"], "ko")
    found = containers.variables(academy_, lab, PLACE, {"JUPYTERHUB_API_TOKEN": "t"}, LIMITS, LEASE)

    assert not [value for value in found.values() if str(academy_.state) in value or str(root) in value]
    assert found["JUPYTERHUB_API_TOKEN"] == "t"
    assert found["HOME"] == found["JUPYTERHUB_ROOT_DIR"] == "/home/student"
    assert found["BITGOEUL_SERVICE_URL"] == "http://172.31.0.1:8082/services/bitgoeul"
    assert found["BITGOEUL_COURSES"] == "machine-learning"
    assert found["JUPYTER_CONFIG_PATH"].startswith("/opt/bitgoeul/hub/etc/gpu:/opt/bitgoeul/hub/etc/student:")
    assert found["JUPYTER_PATH"] == "/opt/bitgoeul/lab/share"


def test_a_lab_without_a_device_is_not_asked_to_warn_of_its_loss(root: Path, tmp_path: Path) -> None:
    academy_ = academy(root, tmp_path)
    lab = plan(academy_, UserName("minji"), "", [], "ko")
    found = containers.variables(academy_, lab, PLACE, {}, LIMITS)

    assert found["JUPYTER_CONFIG_PATH"].startswith("/opt/bitgoeul/hub/etc/student:")
    assert "JUPYTER_PATH" not in found


@pytest.mark.parametrize(("network", "told"), [("closed", False), ("packages", True), ("open", True)])
def test_pip_asks_the_mirror_wherever_it_is_reached(root: Path, tmp_path: Path, network: Network, told: bool) -> None:
    academy_ = academy(root, tmp_path, package_index="http://10.0.0.5:3141/simple/")
    lab = plan(academy_, UserName("minji"), "", [], "ko")
    found = containers.variables(academy_, lab, PLACE, {}, replace(LIMITS, network=network))

    assert (found.get("PIP_INDEX_URL") == "http://10.0.0.5:3141/simple/") == told


def test_limits_become_the_engines_numbers() -> None:
    host = containers.hardening(LIMITS, "labs", LEASE)

    assert host["NanoCpus"] == 1_500_000_000
    assert host["Memory"] == host["MemorySwap"] == 1024 * 1024 * 1024
    assert host["DeviceRequests"][0]["DeviceIDs"] == ["GPU-1"]
    assert "DeviceRequests" not in containers.hardening(LIMITS, "labs")


def test_a_container_bears_its_lease(root: Path, tmp_path: Path) -> None:
    body = containers.request(
        LIMITS, image="i:t", network="labs", binds=[], environment={}, command=[], user="minji", lease=LEASE
    )

    assert Running.read(body["Labels"], "c1") == Running.of(LEASE, "c1")
    assert body["Labels"][containers.LABEL] == "minji"


DEVICES = {"closed": "bitgoeul-labs", "packages": "bitgoeul-labs-p", "open": "bitgoeul-labs-o"}


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_last_rule_of_the_wall_closes_everything(root: Path, tmp_path: Path, kind: Network) -> None:
    rules = docker.walls(academy(root, tmp_path), kind)

    assert rules[-1] == ["-i", DEVICES[kind], "-j", "DROP"]
    assert "8081,8082" in rules[1]
    assert "172.31.0.1" in rules[1]
    assert all(rule[:2] == ["-i", DEVICES[kind]] for rule in rules)


def test_each_network_has_its_own_quarter(root: Path, tmp_path: Path) -> None:
    academy_ = academy(root, tmp_path)
    quarters = [networks.subnet(academy_.docker.subnet, kind) for kind in NETWORKS]

    assert [str(quarter) for quarter in quarters] == ["172.31.0.0/18", "172.31.64.0/18", "172.31.128.0/18"]
    assert docker.network(academy_, "closed") == "bitgoeul-labs"
    assert docker.network(academy_, "open") == "bitgoeul-labs-open"
    assert all(len(docker.bridge(academy_, kind)) <= 15 for kind in NETWORKS)


def test_who_may_reach_the_mirror_reaches_nothing_else(root: Path, tmp_path: Path) -> None:
    out = docker.ways_out(academy(root, tmp_path, package_index="https://10.0.0.5/simple/"), "packages", ["8.8.8.8"])

    assert out == [
        ["-i", "bitgoeul-labs-p", "-d", "10.0.0.5", "-p", "tcp", "--dport", "443", "-j", "RETURN"],
        ["-i", "bitgoeul-labs-p", "-j", "DROP"],
    ]
    assert docker.ways_out(academy(root, tmp_path), "packages") == [["-i", "bitgoeul-labs-p", "-j", "DROP"]]
    assert docker.ways_out(academy(root, tmp_path), "closed") == [["-i", "bitgoeul-labs", "-j", "DROP"]]


def test_an_open_lab_reaches_the_world_and_names_but_no_inside(root: Path, tmp_path: Path) -> None:
    out = docker.ways_out(academy(root, tmp_path), "open", ["192.168.0.1"])

    assert [rule[-1] for rule in out] == ["RETURN"] * 2 + ["DROP"] * 7
    assert all("192.168.0.1" in rule and "53" in rule for rule in out[:2])
    assert {"10.0.0.0/8", "169.254.0.0/16"} < {word for rule in out[2:] for word in rule}
