"""An open hackathon on a database of its own, SQLite or a real PostgreSQL, with a clock that tests move."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bitgoeul.blobs import BlobStore
from bitgoeul.database import METADATA, Database
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon.core import Core
from bitgoeul.hackathon.service import Said
from bitgoeul.migrations import migrate
from bitgoeul.names import UserName
from bitgoeul.settings import Academy, Grading, Settings
from tests.services import needs, postgres

ROOT = Path(__file__).parents[3]
START = datetime.fromisoformat("2026-12-05T09:00:00+09:00")
END = datetime.fromisoformat("2026-12-05T21:00:00+09:00")
BOSS = UserName("boss")


@dataclass
class World:
    """The parts, and short words for what people do."""

    core: Core
    at: datetime = START
    ids: tuple[str, ...] = ()
    truth: list[float] = field(default_factory=list)

    @property
    def hackathon(self):
        return self.core.hackathon

    @property
    def organising(self):
        return self.core.organising

    def open(self, **changes: Any) -> None:
        event = self.organising.open(BOSS, "small", changes)
        from bitgoeul.hackathon.building import Answers

        answers = Answers.read(b"".join(self.hackathon.blobs.chunks(event.answers)))
        self.ids, self.truth = answers.ids, answers.truth["target"]

    def team(self, *users: str, name: str = "") -> str:
        made = self.hackathon.create_team(UserName(users[0]), "small", name or f"team {users[0]}")
        for user in users[1:]:
            self.hackathon.join_team(UserName(user), "small", made["code"])
        return made["code"]

    def file(self, off: float = 0.0) -> bytes:
        """The truth, moved by so much."""
        rows = "".join(f"{name},{value + off}\n" for name, value in zip(self.ids, self.truth, strict=True))
        return f"id,target\n{rows}".encode()

    def announce(self, user: str, data: bytes, key: str = "", at: datetime | None = None) -> dict[str, Any]:
        said = Said(key or str(uuid.uuid4()), hashlib.sha256(data).hexdigest(), len(data), "answer.csv")
        return self.hackathon.announce(UserName(user), "small", said, at or self.at)

    def send(self, user: str, submission: str, data: bytes) -> dict[str, Any]:
        with self.hackathon.blobs.writer(limit=1_000_000) as body:
            body.write(data)
            return self.hackathon.receive(UserName(user), submission, body)

    def submit(self, user: str, data: bytes, **more: Any) -> dict[str, Any]:
        """All the way to the verdict."""
        sent = self.send(user, self.announce(user, data, **more)["id"], data)
        while self.core.scoring.step():
            pass
        return self.hackathon.submission(UserName(user), sent["id"])

    def board(self, *, private: bool = False) -> list[tuple[int | None, str]]:
        self.hackathon.boards._looked.clear()
        return [(row.rank, row.team) for row in self.hackathon.boards.of("small", private=private).rows]

    def move(self, **more: float) -> None:
        self.at += timedelta(**more)


@pytest.fixture(scope="session")
def hackathon_postgres():
    needs.file(postgres.binary("initdb"), "postgresql")
    with postgres.server() as server:
        database = Database(server.url)
        migrate(database)
        database.close()
        yield server.url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'db.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("hackathon_postgres")
    database = Database(url)
    migrate(database)
    if request.param == "postgresql":
        tables = ", ".join(table.name for table in METADATA.sorted_tables if table.name.startswith("hackathon"))
        with database.writing() as connection:
            connection.execute(text(f"truncate {tables} restart identity"))
    yield database
    database.close()


@pytest.fixture
def world(database, tmp_path):
    shutil.copytree(ROOT / "tests/samples/challenges", tmp_path / "curriculum/challenges")
    settings = Settings(academy=Academy(state=tmp_path, curriculum=tmp_path / "curriculum"), grading=Grading(workers=1))
    core = Core(settings, database, BlobStore(tmp_path / "blobs"), Engine(settings.grading))
    world = World(core)
    core.hackathon.now = core.hackathon.boards._now = lambda: world.at
    return world
