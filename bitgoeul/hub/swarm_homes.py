"""Which machine holds a person's home, and what follows for where his next lab may start.

A volume lies on one machine, so its person starts there while that machine lives. When it does not, he is told first,
and by starting once more chooses to begin with an empty home elsewhere: nobody finds his files gone without a word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bitgoeul.errors import Text
from bitgoeul.hub.swarm_tasks import Machine

AWAY = Text(
    "파일이 있는 컴퓨터 {machine}이(가) 지금 실습실을 켜지 못합니다. 파일은 지워지지 않았고, 그 컴퓨터가 돌아오면 다시 보입니다. "
    "기다리거나, 한 번 더 켜서 다른 컴퓨터에서 빈 홈으로 시작하십시오.",
    "The machine {machine}, which holds your files, cannot start labs now. The files are not deleted and will be there "
    "when it is back. Wait, or start once more to begin on another machine with an empty home.",
)
ELSEWHERE = Text(
    "비어 있는 GPU는 {other}에 있고 파일은 {machine}에 있습니다. 기다리거나, 한 번 더 켜서 {other}에서 빈 홈으로 시작하십시오.",
    "The free GPU is in {other}, and your files are on {machine}. Wait, or start once more to begin on {other} with an "
    "empty home.",
)
EMPTY = Text(
    "{machine}에 있는 파일 없이 빈 홈으로 시작합니다.",
    "It starts with an empty home, without the files that are on {machine}.",
)
KEPT = Text(
    " 파일은 {machine}에 그대로 있고, 그 컴퓨터가 돌아오면 다시 보입니다. 다시 켜면 다른 컴퓨터에서 빈 홈으로 시작합니다.",
    " Your files are still on {machine} and will be there when it is back. Starting again begins on another machine with "
    "an empty home.",
)
SHARED = Text(
    " 저장한 파일은 공유 저장소에 그대로 있습니다. 다시 켜십시오.",
    " Saved files are all on the shared storage. Start again.",
)


@dataclass(frozen=True)
class Home:
    """The machine (its id and name) of a person's newest home. `told`: he knows that he may begin without it."""

    machine: str
    name: str
    told: bool = False
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True)
class Start:
    """Where a lab may start: on `machine` alone, or anywhere. `refused` tells why it does not start yet."""

    machine: str = ""
    refused: Text | None = None
    empty: Text | None = None


def where(home: Home | None, known: Mapping[str, Machine], leased: str = "") -> Start:
    """Decide by the home and the machine of the leased device, if there is one."""
    if home is None:
        return Start()
    here = known.get(home.machine)
    if here is not None and here.takes and leased in ("", here.name):
        return Start(here.id)
    if home.told:
        return Start(empty=EMPTY.format(machine=home.name))
    if here is not None and here.takes:
        return Start(refused=ELSEWHERE.format(machine=home.name, other=leased))
    return Start(refused=AWAY.format(machine=home.name))


def moved(home: Home | None, machine: Machine) -> Home:
    """The home after a start on that machine; where older files lie is kept for the operator."""
    if home is None or home.machine == machine.id:
        return Home(machine.id, machine.name, earlier=home.earlier if home else ())
    return Home(machine.id, machine.name, earlier=(*home.earlier, home.name))


class Homes:
    """One small file a person below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, user: str) -> Home | None:
        """The person's home, if he has started before."""
        try:
            found = json.loads((self._folder / f"{user}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return Home(**{**found, "earlier": tuple(found["earlier"])})

    def put(self, user: str, home: Home) -> None:
        """Write it so that a reader sees the old or the new one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f".{user}.part"
        part.write_text(json.dumps(asdict(home)), encoding="utf-8")
        part.replace(self._folder / f"{user}.json")

    def tell(self, user: str) -> None:
        """Note that the person knows."""
        home = self.of(user)
        if home is not None and not home.told:
            self.put(user, replace(home, told=True))
