"""A hackathon in the academy of `tests.fakes.academy`: the sample challenge opened, with a clock that tests move."""

from __future__ import annotations

import hashlib
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bitgoeul.hackathon.building import Answers
from bitgoeul.hackathon.core import Core
from bitgoeul.hackathon.service import Said
from bitgoeul.names import UserName
from tests.fakes.academy import Academy, academy

SAMPLES = Path(__file__).parents[1] / "samples/challenges"
START = datetime.fromisoformat("2026-12-05T09:00:00+09:00")
END = datetime.fromisoformat("2026-12-05T21:00:00+09:00")
SLUG = "small"


@dataclass
class Contest:
    """The academy with its hackathon, and short words for what people do. `at` is the hackathon's clock."""

    school: Academy
    core: Core
    at: datetime = START
    ids: tuple[str, ...] = ()
    truth: list[float] = field(default_factory=list)

    def open(self, **changes: Any) -> None:
        event = self.core.organising.open(UserName("jiho"), SLUG, changes)
        answers = Answers.read(b"".join(self.core.hackathon.blobs.chunks(event.answers)))
        self.ids, self.truth = answers.ids, answers.truth["target"]

    def team(self, *users: str, name: str = "") -> str:
        made = self.core.hackathon.create_team(UserName(users[0]), SLUG, name or f"team {users[0]}")
        for user in users[1:]:
            self.core.hackathon.join_team(UserName(user), SLUG, made["code"])
        return str(made["code"])

    def file(self, off: float = 0.0) -> bytes:
        """The truth, moved by so much."""
        rows = "".join(f"{name},{value + off}\n" for name, value in zip(self.ids, self.truth, strict=True))
        return f"id,target\n{rows}".encode()

    def submit(self, user: str, data: bytes) -> dict[str, Any]:
        """All the way to the verdict."""
        said = Said(str(uuid.uuid4()), hashlib.sha256(data).hexdigest(), len(data), "answer.csv")
        sent = self.core.hackathon.announce(UserName(user), SLUG, said, self.at)
        with self.core.hackathon.blobs.writer(limit=10_000_000) as body:
            body.write(data)
            self.core.hackathon.receive(UserName(user), sent["id"], body)
        self.settle()
        return self.core.hackathon.submission(UserName(user), sent["id"])

    def settle(self) -> None:
        """Score what waits; where workers run as well, wait for what they hold."""
        while self.core.scoring.step() or {"received", "running"} & self.core.organising.queue(SLUG).keys():
            time.sleep(0.01)

    def move(self, **more: float) -> None:
        self.at += timedelta(**more)
        self.core.hackathon.boards._looked.clear()


@contextmanager
def contest(folder: Path) -> Iterator[Contest]:
    shutil.copytree(SAMPLES, folder / "curriculum/challenges")
    told = folder / "curriculum/challenges" / SLUG / "challenge.toml"
    told.write_text(
        told.read_text().replace('name = "r2"\n', 'name = "r2"\ndigits = 3\n')
    )  # scores that differ look different
    with academy(folder) as school:
        core: Core = school.hackathons
        found = Contest(school, core)
        core.hackathon.now = core.hackathon.boards._now = lambda: found.at
        yield found
