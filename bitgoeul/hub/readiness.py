"""What each runtime needs of this machine, what is there, and the command that gets what is missing."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bitgoeul.errors import BitgoeulError, Text
from bitgoeul.grading.proof import proof
from bitgoeul.hub import node, processes
from bitgoeul.hub.node import PROJECT
from bitgoeul.hub.swarm_tasks import machines
from bitgoeul.profiles import Profile
from bitgoeul.settings import Level, Runtime, Settings

RuntimeName = Literal["local", "docker", "swarm"]
_GIGABYTE = 1_000_000_000
_ENOUGH_GB = 2
_PRIVILEGES_SINCE = 25
"""From this version of Docker on a service can forbid new privileges."""


@dataclass(frozen=True)
class Check:
    """One thing a runtime needs. `found` is what is there; `fix` is a command, empty when nothing is to do."""

    name: Text
    ok: bool
    found: str
    fix: str = ""


def checks(runtime: RuntimeName, settings: Settings) -> list[Check]:
    """Look at this machine as it is now."""
    everywhere = [python(), packages(), proxy(), space(settings), port(settings), sandbox(settings)]
    if runtime == "local":
        return everywhere
    engine = [docker_command(), docker_engine(settings), docker_package()]
    if runtime == "swarm":
        more = [swarm(settings), advertise(settings), lab_image(settings), walls(), *swarm_machines(settings)]
        return [supported(runtime), *everywhere, *engine, *more]
    return [supported(runtime), *everywhere, *engine, lab_image(settings), walls(), disks(settings)]


def supported(runtime: RuntimeName) -> Check:
    """Whether this version of ours starts labs so."""
    ok = runtime in get_args(Runtime)
    found = "bitgoeul up --runtime " + runtime if ok else "-"
    return Check(Text("이 판의 빛고을이 지원", "Supported by this version of Bitgoeul"), ok, found)


def python() -> Check:
    """Python itself."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    ok = sys.version_info >= (3, 11)
    return Check(
        Text("파이썬 3.11 이상", "Python 3.11 or newer"), ok, version, "" if ok else "sudo apt install python3"
    )


def packages() -> Check:
    """The packages of the Hub, the service and a lab."""
    wanted = ("jupyterhub", "jupyterlab", "nbgrader", "fastapi", "uvicorn", "sqlalchemy", "jupytext", "ipykernel")
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    found = f"- {', '.join(missing)}" if missing else sys.prefix
    return Check(Text("파이썬 패키지", "Python packages"), not missing, found, "make up" if missing else "")


def proxy() -> Check:
    """Node and the Hub's proxy."""
    name = Text("Hub의 프록시와 Node.js", "The Hub's proxy and Node.js")
    try:
        command = node.proxy_command(PROJECT)
    except BitgoeulError as error:
        return Check(name, ok=False, found=error.text.en, fix="make up")
    return Check(name, ok=True, found=command[0])


def space(settings: Settings) -> Check:
    """Room for people's work."""
    place = next(folder for folder in (settings.state, *settings.state.parents) if folder.is_dir())
    free = shutil.disk_usage(place).free / _GIGABYTE
    ok = free >= _ENOUGH_GB
    name = Text(f"디스크 {_ENOUGH_GB} GB", f"{_ENOUGH_GB} GB of disk")
    return Check(name, ok, f"{free:.1f} GB ({settings.state})", "" if ok else f"df -h {place}")


def port(settings: Settings) -> Check:
    """The port that the academy listens on; our own academy may hold it."""
    number = settings.hub.port
    name = Text(f"포트 {number}", f"Port {number}")
    with socket.socket(socket.AF_INET6 if ":" in settings.hub.host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.hub.host, number))
        except OSError as error:
            if processes.of_academy(settings.state):
                return Check(name, ok=True, found="bitgoeul up")
            found = processes.holder_of(number) or error.strerror or str(error)
            return Check(name, ok=False, found=found, fix=f"bitgoeul up --port {number + 1}")
    return Check(name, ok=True, found=settings.hub.host)


def sandbox(settings: Settings) -> Check:
    """The place where submissions are judged: proved by trying to get out of it, not by what is installed."""
    name = Text("채점 격리(bubblewrap)", "The sandbox that judges (bubblewrap)")
    found = proof()
    levels = get_args(Level)
    if levels.index(found.level) >= levels.index(settings.grading.minimum_level):
        return Check(name, ok=True, found=found.level)
    reason = "; ".join(f"{probe}: {reached}" for probe, reached in sorted(found.open.items()))
    fix = "" if shutil.which("bwrap") else "sudo apt install bubblewrap"
    return Check(name, ok=False, found=reason, fix=fix or "sudo sysctl -w kernel.unprivileged_userns_clone=1")


def docker_command() -> Check:
    """The docker command."""
    found = shutil.which("docker")
    return Check(
        Text("docker 명령", "The docker command"),
        bool(found),
        found or "-",
        "" if found else "sudo apt install docker.io",
    )


def docker_engine(settings: Settings) -> Check:
    """An engine that answers this user."""
    name = Text("응답하는 Docker 엔진", "A Docker engine that answers")
    answer = _docker("--host", settings.docker.engine, "version", "--format", "{{.Server.Version}}")
    if answer.returncode == 0:
        return Check(name, ok=True, found=answer.stdout.strip())
    denied = "permission denied" in answer.stderr.lower()
    start = "sudo systemctl start docker" if _found("dockerd") else "sudo apt install docker.io"
    fix = "sudo usermod -aG docker $USER && newgrp docker" if denied else start
    return Check(name, ok=False, found=_last_line(answer.stderr), fix=fix)


def docker_package() -> Check:
    """The spawner for containers."""
    ok = importlib.util.find_spec("dockerspawner") is not None
    fix = "" if ok else ".venv/bin/pip install -c constraints.txt dockerspawner"
    return Check(Text("dockerspawner 패키지", "The dockerspawner package"), ok, "dockerspawner" if ok else "-", fix)


def lab_image(settings: Settings) -> Check:
    """The labs' image, built or fetched."""
    image = settings.docker.image
    answer = _docker("--host", settings.docker.engine, "image", "inspect", "--format", "{{.Size}}", image)
    ok = answer.returncode == 0
    fix = f"bitgoeul images build {image.removeprefix('bitgoeul/').split(':')[0]}"
    name = Text(f"실습실의 이미지 {image}", f"The labs' image {image}")
    return Check(name, ok, f"{int(answer.stdout) / 1e6:.0f} MB" if ok else "-", "" if ok else fix)


def walls() -> Check:
    """What closes this machine's other ports to labs."""
    found = _found("iptables")
    name = Text("방화벽(iptables)", "The firewall (iptables)")
    return Check(name, bool(found), found or "-", "" if found else "sudo apt install iptables")


def disks(settings: Settings) -> Check:
    """What makes homes of a fixed size: root, mkfs.ext4, loop devices."""
    name = Text("크기가 정해진 홈(root, mkfs.ext4)", "Homes of a fixed size (root, mkfs.ext4)")
    sizes = sorted({cohort.disk_gb for cohort in settings.cohorts.values()} or {Profile().disk_gb})
    if not any(sizes):
        return Check(name, ok=True, found="disk_gb = 0")
    if not _found("mkfs.ext4"):
        return Check(name, ok=False, found="-", fix="sudo apt install e2fsprogs")
    if not os.access("/dev/loop-control", os.F_OK):
        return Check(name, ok=False, found="/dev/loop-control", fix="sudo modprobe loop")
    if os.geteuid() != 0 and not settings.docker.proxy:
        return Check(name, ok=False, found=f"uid {os.geteuid()}", fix="sudo .venv/bin/bitgoeul up --runtime docker")
    return Check(name, ok=True, found=", ".join(f"{size:g} GB" for size in sizes if size))


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")


def swarm(settings: Settings) -> Check:
    """A swarm that this machine manages."""
    name = Text("Docker Swarm 관리자", "A manager of a Docker Swarm")
    answer = _docker("--host", settings.docker.engine, "info", "--format", "{{json .Swarm}}")
    try:
        state = json.loads(answer.stdout)
    except json.JSONDecodeError:
        state = {}
    ok = state.get("LocalNodeState") == "active" and bool(state.get("ControlAvailable"))
    found = str(state.get("LocalNodeState") or "-")
    return Check(name, ok, found, "" if ok else "docker swarm init --advertise-addr ADDRESS")


def advertise(settings: Settings) -> Check:
    """The address at which labs on other machines find the Hub."""
    found = settings.swarm.advertise
    name = Text("다른 컴퓨터들이 닿는 주소(swarm.advertise)", "The address that other machines reach (swarm.advertise)")
    return Check(name, bool(found), found or "-", "" if found else 'academy.toml: [swarm] advertise = "10.0.0.5"')


def swarm_machines(settings: Settings) -> list[Check]:
    """The machines that take labs, what their engines lack, and whether they have the devices that are lent."""
    known = _docker("--host", settings.docker.engine, "node", "ls", "--quiet").stdout.split()
    answer = _docker("--host", settings.docker.engine, "node", "inspect", *known) if known else None
    nodes = json.loads(answer.stdout) if answer is not None and answer.returncode == 0 else []
    return machine_checks(settings, nodes)


def machine_checks(settings: Settings, nodes: list[dict[str, Any]]) -> list[Check]:
    """Read what the engine says of its machines."""
    names = {node["ID"]: node["Description"]["Hostname"] for node in nodes}
    takes = sorted(one.name for one in machines(nodes, settings.swarm.advertise).values() if one.takes)
    prepared = "bitgoeul swarm-node | ssh MACHINE sudo sh && docker node update --label-add bitgoeul.labs=yes MACHINE"
    found = [
        Check(
            Text("실습실을 켜는 컴퓨터", "Machines that take labs"),
            bool(takes),
            ", ".join(takes) or "-",
            "" if takes else prepared,
        )
    ]
    old = {node["ID"]: str(node["Description"]["Engine"]["EngineVersion"]) for node in nodes}
    weak = [f"{names[key]} {version}" for key, version in old.items() if int(version.split(".")[0]) < _PRIVILEGES_SINCE]
    if weak:
        # It does not stop anybody: our images have no setuid program, and labs have no capability to gain.
        without = f"{', '.join(weak)}: - no-new-privileges (Docker < {_PRIVILEGES_SINCE})"
        found.append(Check(Text("엔진의 판", "Versions of the engines"), ok=True, found=without))
    lacking = _devices_not_told(settings, nodes)
    if settings.gpus.devices:
        name = Text("빌려줄 GPU를 엔진이 앎", "Engines know the GPUs that are lent")
        fix = "/etc/docker/daemon.json: " + json.dumps({"node-generic-resources": lacking}) if lacking else ""
        found.append(Check(name, not lacking, f"- {', '.join(lacking)}" if lacking else "node-generic-resources", fix))
    return found


def _devices_not_told(settings: Settings, nodes: list[dict[str, Any]]) -> list[str]:
    told = set()
    for machine in nodes:
        for one in machine["Description"]["Resources"].get("GenericResources") or ():
            kind = one.get("DiscreteResourceSpec") or {}
            told.add((machine["Description"]["Hostname"], kind.get("Kind"), kind.get("Value")))
    devices = settings.gpus.devices
    return [f"{one.uuid}={one.slots}" for one in devices if (one.host, one.uuid, one.slots) not in told]


def _docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = shutil.which("docker")
    if command is None:
        return subprocess.CompletedProcess([], 127, "", "-")
    try:
        return subprocess.run([command, *arguments], capture_output=True, text=True, timeout=15, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess([], 124, "", "no answer within 15 s")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "-"


RUNTIMES: dict[RuntimeName, Text] = {
    "local": Text("혼자 써 보기: 이 컴퓨터의 프로세스", "for trying out: processes on this machine"),
    "docker": Text("한 대의 서버: 한 사람에 컨테이너 하나", "one server: one container a person"),
    "swarm": Text("여러 대의 서버: Docker Swarm", "many servers: Docker Swarm"),
}
