"""Students for fault tests: each keeps the bytes and tries again with the same key until a receipt comes."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import json
import random
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bitgoeul.database import Database
from bitgoeul.exchange import bundle, store
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.clock import steady_seconds
from bitgoeul.exchange.core import open_blobs
from bitgoeul.exchange.intake import Announced, Headers, Taken
from bitgoeul.exchange.service import Exchange
from bitgoeul.names import AssignmentName, CourseName, UserName
from bitgoeul.web.auth import Caller
from bitgoeul.wire import Receipt, read
from tests.fakes.hub import FakeHub
from tests.services import exchange_service
from tests.services.exchange_service import Answer, Service

COURSE, ASSIGNMENT = "machine-learning", "01-regression"
IN = f"api/courses/{COURSE}/assignments/{ASSIGNMENT}"
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
RELEASE = {"release/ko/regression.ipynb": NOTEBOOK, "source/ko/regression.ipynb": NOTEBOOK + b" "}


@dataclass
class School:
    """A Hub with staff and students of one course, and their tokens."""

    students: int = 3
    hub: FakeHub = field(init=False)
    tokens: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.hub = FakeHub(users={"prof": [f"formgrade-{COURSE}"], "stranger": ["nbgrader-other-course"]})
        for number in range(self.students):
            self.hub.users[f"student-{number}"] = [f"nbgrader-{COURSE}"]
        self.tokens = {user: self.hub.token_for(user) for user in self.hub.users}

    def release(self, service: Service) -> Any:
        answer = service.ask("POST", f"{IN}/releases", self.tokens["prof"], body=bundle.write(RELEASE))
        assert answer.status in (200, 201), answer
        return answer.json


def work_of(size: int, seed: int) -> bytes:
    """A submission of about that size; another one for each seed."""
    return bundle.write({"regression.ipynb": NOTEBOOK, "data.bin": random.Random(seed).randbytes(size)})


def headers_for(data: bytes, key: str) -> dict[str, str]:
    return {
        "Idempotency-Key": key,
        "X-Content-SHA256": hashlib.sha256(data).hexdigest(),
        "Content-Type": "application/x-tar",
    }


def submit(service: Service, token: str, data: bytes, key: str | None = None, **more: str) -> Answer:
    """Hand in once."""
    headers = headers_for(data, key or str(uuid.uuid4())) | more
    return service.ask("POST", f"{IN}/submissions", token, body=data, headers=headers)


@dataclass
class Tally:
    """What the students of a storm saw."""

    receipts: dict[str, Receipt] = field(default_factory=dict)  # by key
    refused: list[int] = field(default_factory=list)
    retries: int = 0
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def percentile(self, part: float) -> float:
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(len(self.seconds) * part))]


def hand_in(service: Service, token: str, data: bytes, tally: Tally, *, patience: float, at: float = 0.0) -> None:
    """One student: waits for his moment, then tries until he has a receipt or his patience ends."""
    time.sleep(max(0.0, at - time.monotonic()))
    key, begun, pause = str(uuid.uuid4()), time.monotonic(), 0.1
    while time.monotonic() - begun < patience:
        answer = None
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = submit(service, token, data, key)
        if answer is not None and answer.status in (200, 201):
            with tally.lock:
                tally.receipts[key] = read(Receipt, json.loads(answer.body))
                tally.seconds.append(time.monotonic() - begun)
            return
        with tally.lock:
            tally.retries += 1
            tally.refused += [answer.status] if answer else []
        time.sleep(pause * random.uniform(0.5, 1.5))
        pause = min(pause * 2, 1.0)


def storm(
    service: Service, school: School, *, size: int, seconds: float, patience: float = 60.0, threads: int = 64
) -> Tally:
    """Every student hands in once, spread over that many seconds."""
    tally, start = Tally(), time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        for number in range(school.students):
            token = school.tokens[f"student-{number}"]
            at = start + seconds * number / school.students
            pool.submit(hand_in, service, token, work_of(size, number), tally, patience=patience, at=at)
    return tally


@dataclass(frozen=True)
class Found:
    """What a storm's receipts are worth afterwards."""

    acknowledged: int
    lost: int
    doubled: int
    rows: int

    def __str__(self) -> str:
        return f"acknowledged {self.acknowledged}, lost {self.lost}, doubled {self.doubled} (rows {self.rows})"


def look(folder: Path, receipts: dict[str, Receipt], database_url: str | None = None) -> Found:
    """Open the service's state (it has ended) and look for each receipt's row and bytes."""
    database = Database(database_url or f"sqlite:///{folder / 'bitgoeul.sqlite'}")
    try:
        with database.reading() as connection:
            rows = connection.execute(t.submissions.select()).mappings().all()
    finally:
        database.close()
    known = {row["idempotency_key"]: store.stored(row).receipt for row in rows}
    lost = [key for key, receipt in receipts.items() if known.get(key) != receipt or not whole(folder, receipt)]
    uploads = [(row["user_name"], row["sha256"]) for row in rows]  # every upload here has bytes of its own
    return Found(len(receipts), len(lost), len(uploads) - len(set(uploads)), len(rows))


def whole(folder: Path, receipt: Receipt) -> bool:
    """Whether the bytes that the receipt speaks of are there."""
    path = folder / "blobs" / receipt.sha256[:2] / receipt.sha256
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == receipt.sha256


STAFF = Caller(UserName("prof"), frozenset({f"formgrade-{COURSE}"}), "program")


def student(user: str) -> Caller:
    return Caller(UserName(user), frozenset({f"nbgrader-{COURSE}"}), "program")


@contextlib.contextmanager
def local_exchange(folder: Path, **config: Any) -> Iterator[Exchange]:
    """An exchange in this process with one release; its graders do not run until it is started."""
    config = {"folder": str(folder), "options": {}, "judge_seconds": 0.0, **config}
    settings = exchange_service.settings_for(config)
    database = exchange_service.open_database(config, settings)
    exchange = Exchange(
        settings,
        database,
        open_blobs(settings),
        judges=config.get("judges") or exchange_service.adding_judges(config["judge_seconds"]),
        build=exchange_service.no_curriculum,
        wall=config.get("wall"),
        steady=config.get("steady", steady_seconds),
    )
    try:
        exchange.release(STAFF, CourseName(COURSE), AssignmentName(ASSIGNMENT), io.BytesIO(bundle.write(RELEASE)))
        yield exchange
    finally:
        exchange.close()


def announce(exchange: Exchange, user: str, data: bytes, key: str | None = None) -> Announced:
    """The headers of an upload arrive."""
    said = Headers(key or str(uuid.uuid4()), hashlib.sha256(data).hexdigest(), len(data), exchange.clock.now())
    return exchange.announce(student(user), CourseName(COURSE), AssignmentName(ASSIGNMENT), said)


def take(exchange: Exchange, user: str, data: bytes, key: str | None = None) -> Taken:
    """Hand in without HTTP, by the same write path."""
    announced = announce(exchange, user, data, key)
    with exchange.intake.body() as body:
        body.write(data)
        return exchange.intake.finish(announced, body).result()
