"""Reads curriculum/challenges/<slug>/ and tells every fault of all of them at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from bitgoeul.curriculum.loading import field_faults
from bitgoeul.errors import ChallengeError, Fault, InvalidName, NotFound, shorten
from bitgoeul.hackathon.model import Challenge, ChallengeName, Record
from bitgoeul.settings import Lines

FILES = ("data.py", "baseline.py", "starter.py")


def challenge_folders(curriculum: Path) -> list[Path]:
    """List the folders of all challenges, whole or not."""
    root = curriculum / "challenges"
    found = root.iterdir() if root.is_dir() else iter(())
    return sorted(path for path in found if path.is_dir() and not path.name.startswith((".", "_")))


def load_challenges(curriculum: Path) -> tuple[Challenge, ...]:
    """Read every challenge; raise `ChallengeError` with every fault at once."""
    faults: list[Fault] = []
    found = []
    for folder in challenge_folders(curriculum):
        try:
            found.append(load_challenge(folder))
        except ChallengeError as error:
            faults.extend(error.faults)
    if faults:
        raise ChallengeError(faults)
    return tuple(found)


def load_challenge(folder: Path) -> Challenge:
    """Read one challenge as `load_challenges` does."""
    faults = [
        Fault.of(folder, 1, f"{name}이(가) 있어야 합니다.", f"a file {name} was wanted.")
        for name in FILES
        if not (folder / name).is_file()
    ]
    try:
        name = ChallengeName(folder.name)
    except InvalidName as error:
        raise ChallengeError([*faults, Fault(str(folder), 1, error.text)]) from None
    record = _record(folder / "challenge.toml", faults)
    if record is None:
        raise ChallengeError(faults)
    found = Challenge(name=name, folder=folder, record=record)
    if record.metric.own != found.scorer.is_file():
        ko = f"metric.own이 {str(record.metric.own).lower()}인데 채점 프로그램 {found.scorer.name}은(는) 그와 다릅니다. 둘을 맞추십시오."
        en = f"metric.own is {str(record.metric.own).lower()}, which does not fit the scorer graders/challenges/{found.scorer.name}."
        faults.append(Fault.of(folder / "challenge.toml", 1, ko, en))
    if faults:
        raise ChallengeError(faults)
    return found


def find_challenge(challenges: Iterable[Challenge], name: str) -> Challenge:
    """Find a challenge by its name; raise `NotFound` that lists the names there are."""
    challenges = tuple(challenges)
    for challenge in challenges:
        if challenge.name == name:
            return challenge
    known = ", ".join(challenge.name for challenge in challenges) or "-"
    raise NotFound(
        ko=f"{shorten(name)} 챌린지가 없습니다. 있는 챌린지: {known}",
        en=f"There is no challenge {shorten(name)}. There are: {known}",
    )


def _record(path: Path, faults: list[Fault]) -> Record | None:
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, ValueError) as error:
        line = re.search(r"line (\d+)", str(error))
        at = int(line[1]) if line else 1
        faults.append(
            Fault.of(path, at, f"UTF-8로 쓴 TOML이 있어야 합니다: {error}", f"TOML in UTF-8 was wanted: {error}")
        )
        return None
    lines = Lines(path, text)
    try:
        record = Record.model_validate(data)
    except ValidationError as error:
        faults.extend(field_faults(error, lines))
        return None
    faults.extend(_contradictions(record, lines))
    return record


def _contradictions(record: Record, lines: Lines) -> list[Fault]:
    faults = []
    try:
        ZoneInfo(record.zone)
    except (KeyError, ValueError, OSError):
        faults.append(
            Fault.of(
                lines.path,
                lines.line(("zone",)),
                "Asia/Seoul 같은 시간대 이름을 쓰십시오.",
                "zone: a name such as Asia/Seoul was wanted.",
            )
        )
    if record.freeze_minutes * 60 >= (record.phases[-1].end - record.phases[-1].start).total_seconds():
        faults.append(
            Fault.of(
                lines.path,
                lines.line(("freeze_minutes",)),
                "마지막 단계보다 짧아야 합니다.",
                "freeze_minutes: shorter than the last phase, please.",
            )
        )
    return faults
