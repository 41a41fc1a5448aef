"""How it stands with a lab in a swarm, from what the engine says of tasks and machines. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bitgoeul.errors import Text
from bitgoeul.hub.ending import Ending
from bitgoeul.hub.swarm_services import PORT

_FULL = "insufficient resources"
_KILLED = 137

_PLACES = ("new", "pending", "allocated")
"""It waits for a machine."""

_PREPARES = ("assigned", "accepted", "preparing")
_STARTS = ("ready", "starting")
_RUNS = "running"
_OVER = ("complete", "shutdown", "failed", "rejected", "remove", "orphaned")
STATES = (*_PLACES, *_PREPARES, *_STARTS, _RUNS, *_OVER)
"""Every state that Swarm knows."""

_WAITS = Text("켤 컴퓨터를 찾고 있습니다.", "A machine is being chosen.")
_CROWDED = Text(
    "컴퓨터들이 모두 차 있어 자리를 기다립니다. 자리가 나면 바로 켜집니다.",
    "All machines are full. The lab starts as soon as there is room.",
)
_CHOSEN = Text("{machine} 컴퓨터에서 준비합니다.", "It is being prepared on {machine}.")
_STARTING = Text("{machine}에서 컨테이너를 켭니다.", "The container starts on {machine}.")
_RUNNING = Text(
    "{machine}에서 컨테이너가 켜졌습니다. JupyterLab을 불러옵니다.",
    "The container runs on {machine}; JupyterLab is loading.",
)

_GONE = Text(
    "실습실이 돌던 컴퓨터 {machine}이(가) 응답하지 않아 실습실이 꺼졌습니다. 제출한 것은 모두 안전합니다.",
    "The machine {machine}, on which your lab ran, does not answer, so the lab has ended. What you handed in is all safe.",
)
_REJECTED = Text(
    "{machine} 컴퓨터가 실습실을 켜지 못합니다. 운영자에게 알리십시오: {why}",
    "The machine {machine} cannot start the lab. Tell the operator: {why}",
)
_FAILED = Text(
    "실습실이 꺼졌습니다({why}). 다시 켜 보고, 또 그러면 운영자에게 알리십시오. 저장한 파일은 그대로 있습니다.",
    "The lab ended ({why}). Start again; if that does not help, tell the operator. Saved files are all there.",
)
_MEMORY = Text(
    "실습실이 강제로 꺼졌습니다(137). 받은 메모리를 모두 쓴 때가 대부분입니다. 큰 데이터를 나누어 읽거나 쓰지 않는 변수를 지우고 "
    "다시 켜십시오. 저장한 파일은 그대로 있습니다.",
    "The lab was killed (137), most often because its memory was used up. Read large data in parts or delete what you no "
    "longer use, and start again. Saved files are all there.",
)
_REMOVED = Text(
    "실습실의 서비스가 지워졌습니다. 다시 켜십시오. 저장한 파일은 그대로 있습니다.",
    "The lab's service was removed. Start again. Saved files are all there.",
)
REMOVED = Ending("removed", _REMOVED, 0)

NO_ROOM = Text(
    "컴퓨터들이 모두 차 있어 {seconds}초 안에 자리가 나지 않았습니다. 다른 사람이 실습실을 끝낸 뒤에 다시 켜십시오. ({why})",
    "All machines are full, and no room came up within {seconds} s. Start again when somebody has stopped. ({why})",
)
NOT_PLACED = Text(
    "실습실을 켤 수 있는 컴퓨터가 {seconds}초 안에 나타나지 않았습니다. 운영자에게 알리십시오: {why}",
    "No machine that may run the lab appeared within {seconds} s. Tell the operator: {why}",
)
NOT_STARTED = Text(
    "실습실이 {seconds}초 안에 켜지지 않았습니다({why}). 다시 켜 보고, 또 그러면 운영자에게 알리십시오.",
    "The lab did not start within {seconds} s ({why}). Start again; if that does not help, tell the operator.",
)


@dataclass(frozen=True)
class Machine:
    """One machine of the swarm. `up`: it answers; `takes`: labs may be put on it now."""

    id: str
    name: str
    address: str
    up: bool
    takes: bool


def machines(nodes: Iterable[Mapping[str, Any]], advertise: str) -> dict[str, Machine]:
    """Read the answer of `GET /nodes`, by id. A manager that knows itself only as itself is at `advertise`."""
    found = (_machine(node, advertise) for node in nodes)
    return {one.id: one for one in found}


def _machine(node: Mapping[str, Any], advertise: str) -> Machine:
    status, spec = node.get("Status") or {}, node.get("Spec") or {}
    address = str(status.get("Addr") or "")
    up = status.get("State") == "ready"
    label = (spec.get("Labels") or {}).get("bitgoeul.labs")
    return Machine(
        id=str(node["ID"]),
        name=str((node.get("Description") or {}).get("Hostname") or node["ID"]),
        address=advertise if address in ("", "0.0.0.0", "127.0.0.1") else address,  # noqa: S104  compared, not bound
        up=up,
        takes=up and spec.get("Availability") == "active" and label == "yes",
    )


@dataclass(frozen=True)
class Standing:
    """A lab at one moment. `percent` and `said`: how far a start is. At most one of `address` and `ended` is given."""

    percent: int
    said: Text
    why: str = ""
    full: bool = False
    placed: bool = False
    machine: Machine | None = None
    address: tuple[str, int] | None = None
    ended: Ending | None = None


def standing(tasks: Iterable[Mapping[str, Any]], known: Mapping[str, Machine]) -> Standing:
    """Read the tasks of one service. Of several the youngest that is alive counts, else the youngest."""
    tasks = sorted(tasks, key=lambda task: str(task.get("CreatedAt", "")))
    if not tasks:
        return Standing(5, _WAITS)
    alive = [task for task in tasks if is_alive(task, known)]
    task = (alive or tasks)[-1]
    state, why = _state(task), _why(task)
    machine = known.get(str(task.get("NodeID", "")))
    ended = _ended(task, state, machine)
    full = _FULL in why
    if ended is not None:
        return Standing(100, ended.text, why, machine=machine, ended=ended)
    if state in _PLACES:
        return Standing(10, _CROWDED if full else _WAITS, why, full=full)
    name = machine.name if machine else "?"
    if state in _PREPARES:
        return Standing(30, _CHOSEN.format(machine=name), why, placed=True, machine=machine)
    if state in _STARTS:
        return Standing(50, _STARTING.format(machine=name), why, placed=True, machine=machine)
    return Standing(60, _RUNNING.format(machine=name), placed=True, machine=machine, address=_address(task, machine))


def is_alive(task: Mapping[str, Any], known: Mapping[str, Machine]) -> bool:
    """Whether a container may be there. A machine that does not answer takes its labs with it."""
    node = str(task.get("NodeID", ""))
    lost = bool(node) and (node not in known or not known[node].up)
    return _state(task) not in _OVER and not lost


def _state(task: Mapping[str, Any]) -> str:
    return str((task.get("Status") or {}).get("State", "")).lower()


def _why(task: Mapping[str, Any]) -> str:
    status = task.get("Status") or {}
    return str(status.get("Err") or status.get("Message") or "")


def _ended(task: Mapping[str, Any], state: str, machine: Machine | None) -> Ending | None:
    node = str(task.get("NodeID", ""))
    code = int(((task.get("Status") or {}).get("ContainerStatus") or {}).get("ExitCode") or 0)
    if state == "rejected":
        return Ending("rejected", _REJECTED.format(machine=machine.name if machine else "?", why=_why(task)), 1)
    lost = bool(node) and (machine is None or not machine.up)
    if state == "orphaned" or (lost and state not in _OVER):
        return Ending("machine-gone", _GONE.format(machine=machine.name if machine else node), 1)
    if state not in _OVER:
        return None
    if code == _KILLED:
        return Ending("killed", _MEMORY, code)
    return Ending("ended", _FAILED.format(why=_why(task) or state), code)


def _address(task: Mapping[str, Any], machine: Machine | None) -> tuple[str, int] | None:
    """Give where the Hub reaches the lab: the port that its machine gave it. None until the machine has told."""
    ports = ((task.get("Status") or {}).get("PortStatus") or {}).get("Ports") or []
    given = [port["PublishedPort"] for port in ports if port.get("TargetPort") == PORT and port.get("PublishedPort")]
    return (machine.address, int(given[0])) if machine and given else None


def too_late(found: Standing, seconds: int) -> tuple[Text, str]:
    """Say why a start took too long, and the reason for metrics."""
    values = {"seconds": str(seconds), "why": found.why or "-"}
    if found.placed:
        return NOT_STARTED.format(**values), "too-slow"
    return (NO_ROOM.format(**values), "swarm-full") if found.full else (NOT_PLACED.format(**values), "no-machine")
