"""What the doctor says: each runtime's needs, what is there, the command that gets the rest."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from bitgoeul.cli import doctor
from bitgoeul.errors import Text
from bitgoeul.grading.proof import Proof
from bitgoeul.hub import readiness
from bitgoeul.hub.readiness import Check
from bitgoeul.profiles import Device, Gpus
from bitgoeul.settings import Academy, Hub, Settings
from tests.fakes.ports import free_port

GOOD = Check(Text("있음", "there"), ok=True, found="1.0")
BAD = Check(Text("없음", "missing"), ok=False, found="-", fix="get it")


@pytest.fixture
def academy(tmp_path: Path) -> Settings:
    return Settings(academy=Academy(state=tmp_path / "not-yet/state"), hub=Hub(port=1))


@pytest.mark.parametrize("runtime", readiness.RUNTIMES)
def test_whatever_is_missing_comes_with_the_command_that_gets_it(runtime, academy: Settings) -> None:
    for check in readiness.checks(runtime, academy):
        assert check.name.ko != check.name.en
        assert check.found
        if not check.ok and check != readiness.supported(runtime):
            assert check.fix, check


def test_this_machine_can_run_what_the_tests_run(tmp_path: Path) -> None:
    academy = Settings(academy=Academy(state=tmp_path), hub=Hub(port=free_port()))

    assert [check for check in readiness.checks("local", academy) if not check.ok] == []


def test_a_port_in_use_names_who_uses_it_and_another_port(academy: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        check = readiness.port(academy.model_copy(update={"hub": Hub(port=number)}))

    assert not check.ok
    assert check.fix == f"bitgoeul up --port {number + 1}"


def test_a_sandbox_that_lets_anything_out_does_not_serve(academy: Settings, monkeypatch) -> None:
    monkeypatch.setattr(readiness, "proof", lambda: Proof("none", {"network": "127.0.0.1:80"}))
    check = readiness.sandbox(academy)

    assert not check.ok
    assert "network: 127.0.0.1:80" in check.found
    assert check.fix.startswith("sudo ")


def test_without_docker_the_command_that_installs_it_is_told(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert readiness.docker_command().fix == "sudo apt install docker.io"
    assert not readiness.docker_engine(Settings()).ok
    assert readiness.swarm(Settings()).fix.startswith("docker swarm init")


@pytest.mark.parametrize(
    ("script", "ok"),
    [
        ('echo \'{"LocalNodeState":"active","ControlAvailable":true}\'', True),
        ('echo \'{"LocalNodeState":"active","ControlAvailable":false}\'', False),
        ('echo \'{"LocalNodeState":"inactive"}\'', False),
        ("echo nonsense", False),
        ("exit 1", False),
    ],
)
def test_only_a_manager_of_an_active_swarm_serves(script: str, ok: bool, monkeypatch, tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\n{script}\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert readiness.swarm(Settings()).ok is ok


def test_being_refused_by_the_engine_is_told_apart_from_no_engine(monkeypatch, tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\necho 'permission denied while trying to connect' >&2\nexit 1\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "usermod" in readiness.docker_engine(Settings()).fix


def test_ready_means_that_nothing_is_missing() -> None:
    assert doctor.ready([GOOD, GOOD])
    assert not doctor.ready([GOOD, BAD])


def test_a_program_reads_the_same_as_a_person(academy: Settings, monkeypatch) -> None:
    monkeypatch.setenv("BITGOEUL_LANGUAGE", "ko")
    found = {"local": [GOOD], "docker": [GOOD, BAD], "swarm": [BAD]}
    data = json.loads(doctor.as_data(found, academy))
    text = doctor.as_text(found, academy)

    assert data["chosen"] == "local"
    assert [data["runtimes"][name]["ready"] for name in found] == [True, False, False]
    assert data["runtimes"]["swarm"]["checks"][0]["fix"] == "get it"
    assert "local (설정에서 고름)" in text
    assert "✗ 없음: -\n      get it" in text


def test_the_exit_code_is_the_chosen_runtimes(root: Path, monkeypatch, capsys, tmp_path: Path) -> None:
    monkeypatch.setenv("BITGOEUL_SETTINGS", str(root / "academy.toml"))
    monkeypatch.setenv("BITGOEUL_STATE", str(tmp_path))
    monkeypatch.setenv("BITGOEUL_PORT", str(free_port()))
    for rows, code in (([GOOD], 0), ([BAD], 1)):
        monkeypatch.setattr(doctor, "checks", lambda _runtime, _settings, rows=rows: rows)
        with pytest.raises(SystemExit) as ended:
            doctor.doctor(as_json=True)

        assert ended.value.code == code
        assert json.loads(capsys.readouterr().out)["chosen"] == "local"


def test_of_docker_each_missing_thing_has_its_command(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(readiness, "_found", lambda _program: None)
    (tmp_path / "docker").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert readiness.docker_engine(Settings()).fix == "sudo apt install docker.io"
    assert readiness.lab_image(Settings()).fix == "bitgoeul images build notebook"
    assert readiness.walls().fix == "sudo apt install iptables"
    assert readiness.disks(Settings()).fix == "sudo apt install e2fsprogs"


def node(name: str, *, version: str = "28.0.1", label: str = "yes", devices: dict[str, int] | None = None) -> dict:
    generic = [{"DiscreteResourceSpec": {"Kind": kind, "Value": value}} for kind, value in (devices or {}).items()]
    return {
        "ID": name,
        "Spec": {"Availability": "active", "Labels": {"bitgoeul.labs": label}},
        "Status": {"State": "ready", "Addr": "10.0.0.1"},
        "Description": {
            "Hostname": name,
            "Engine": {"EngineVersion": version},
            "Resources": {"GenericResources": generic},
        },
    }


def test_a_swarm_is_told_what_its_machines_lack() -> None:
    device = Device(uuid="GPU-1", host="h1")
    academy = Settings(gpus=Gpus(devices=(device,)))
    right = readiness.machine_checks(academy, [node("h1", devices={"GPU-1": 1})])
    wrong = readiness.machine_checks(
        academy, [node("h1", version="20.10.24+dfsg1", label="no"), node("h2", label="no")]
    )

    assert [check.ok for check in right] == [True, True]
    assert [check.ok for check in wrong] == [False, True, False]
    assert "h1 20.10.24" in wrong[1].found
    assert '"GPU-1=1"' in wrong[2].fix
    assert not readiness.machine_checks(Settings(), [])[0].ok
