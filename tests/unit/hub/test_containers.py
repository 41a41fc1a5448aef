"""A lab as a container, as data: what it sees, what it is told, what it may use."""

from __future__ import annotations

from pathlib import Path

from bitgoeul import settings
from bitgoeul.hub import containers, docker
from bitgoeul.hub.labs import plan
from bitgoeul.hub.limits import Limits, from_settings
from bitgoeul.names import UserName
from bitgoeul.settings import Settings

PLACE = containers.Place("172.31.0.1", 8082)


def academy(root: Path, tmp_path: Path) -> Settings:
    found = settings.load(root / "academy.toml", {"BITGOEUL_STATE": str(tmp_path / "state")})
    return found.model_copy(update={"docker": found.docker.model_copy(update={"datasets": "/data"})})


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
    found = containers.variables(academy_, lab, PLACE, {"JUPYTERHUB_API_TOKEN": "t"})

    assert not [value for value in found.values() if str(academy_.state) in value or str(root) in value]
    assert found["JUPYTERHUB_API_TOKEN"] == "t"
    assert found["HOME"] == found["JUPYTERHUB_ROOT_DIR"] == "/home/student"
    assert found["BITGOEUL_SERVICE_URL"] == "http://172.31.0.1:8082/services/bitgoeul"
    assert found["BITGOEUL_COURSES"] == "machine-learning"
    assert found["JUPYTER_CONFIG_PATH"].startswith("/opt/bitgoeul/hub/etc/student:/opt/bitgoeul/lab/etc/student:")


def test_limits_become_the_engines_numbers() -> None:
    host = containers.hardening(Limits(1.5, 1024, 200, 5, "i:t", "labs", "GPU-1"), "labs")

    assert host["NanoCpus"] == 1_500_000_000
    assert host["Memory"] == host["MemorySwap"] == 1024 * 1024 * 1024
    assert host["DeviceRequests"][0]["DeviceIDs"] == ["GPU-1"]
    assert "DeviceRequests" not in containers.hardening(Limits(1, 256, 64, 0, "i:t", "labs"), "labs")


def test_without_a_policy_everybody_gets_what_the_settings_say(root: Path, tmp_path: Path) -> None:
    found = from_settings(academy(root, tmp_path))(UserName("minji"))

    assert found == Limits(1.0, 2048, 256, 5.0, "bitgoeul/notebook:latest", "bitgoeul-labs", None)


def test_the_last_rule_of_the_wall_closes_everything(root: Path, tmp_path: Path) -> None:
    rules = docker.walls(academy(root, tmp_path), (8081, 8082))

    assert rules[-1] == ["-i", "bitgoeul-labs", "-j", "DROP"]
    assert "8081,8082" in rules[1]
    assert all(rule[:2] == ["-i", "bitgoeul-labs"] for rule in rules)
