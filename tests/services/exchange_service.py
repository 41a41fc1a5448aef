"""The exchange as a real process, for tests that kill it, fill its disk, or watch its system calls.

As a program (`python -m tests.services.exchange_service CONFIG.json`) it is the real exchange behind real
HTTP, with a judge that only adds. As a module it starts and ends that program. A `mutant` breaks the write
path on purpose, so that a test can show that it would notice.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from tests.fakes.hub import SERVICE_TOKEN, FakeHub
from tests.fakes.ports import free_port, listening

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "/services/bitgoeul/"
MUTANTS = ("no-fsync", "no-folder-fsync", "wal-normal", "receipt-first")


@dataclass
class Service:
    """A service process on a folder. `options` go to `Settings.exchange`; `before` is a command to run it under."""

    folder: Path
    hub_api: str
    options: dict[str, Any] = field(default_factory=dict)
    mutants: tuple[str, ...] = ()
    judge_seconds: float = 0.0
    database_url: str | None = None
    scheduler: str = ""  # with the folder of its keys: then a cluster judges
    keys: str = ""
    lease_seconds: float = 0.0  # 0: the real ones
    before: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        names = ("hub_api", "options", "mutants", "judge_seconds", "database_url", "port", "scheduler", "keys")
        config = {name: getattr(self, name) for name in (*names, "lease_seconds")} | {"folder": str(self.folder)}
        path = self.log_path.with_suffix(".json")
        path.write_text(json.dumps(config))
        command = [*self.before, sys.executable, "-m", "tests.services.exchange_service", str(path)]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        give_up = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < give_up, self.log
            time.sleep(0.05)

    def answers(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", "api/receipt-key").status == 200
        return False

    @property
    def log_path(self) -> Path:
        return self.folder.with_suffix(f".{self.port}.log")

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")[-8000:]

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def ask(
        self, method: str, path: str, token: str = "", *, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = {"Authorization": f"token {token}"} if token else {}
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # an early refusal waits to be read
                connection.request(method, PREFIX + path, body=body, headers={**sent, **(headers or {})})
            found = connection.getresponse()
            return Answer(found.status, found.read(), dict(found.headers.items()))
        finally:
            connection.close()


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@contextlib.contextmanager
def serving(folder: Path, hub: FakeHub, **values: Any) -> Iterator[Service]:
    """A started service with its Hub."""
    with listening(hub) as api:
        service = Service(folder, api, **values)
        try:
            service.start()
            yield service
        finally:
            service.stop(signal.SIGKILL)


# --- the program -------------------------------------------------------------------------------------------


def main() -> None:
    config = json.loads(Path(sys.argv[1]).read_text())
    break_on_purpose(config["mutants"])
    if config["lease_seconds"]:
        hurry(timedelta(seconds=config["lease_seconds"]))
    uvicorn.run(build(config), port=config["port"], log_level="warning", timeout_graceful_shutdown=2)


def break_on_purpose(mutants: list[str]) -> None:
    """Damage the write path; each mutant must be found by some test."""
    from bitgoeul import blobs, database
    from bitgoeul.exchange.intake import Intake

    prepare, store = database._prepare_sqlite, Intake._store

    def normal(connection: Any, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous=NORMAL")

    def hurried(connection: Any, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA busy_timeout=300")

    def finish_early(self: Any, announced: Any, body: Any) -> Any:
        """Hand the receipt out before the commit."""
        body.keep()
        early: Future[Any] = Future()

        def write(connection: Any) -> None:
            early.set_result(store(self, connection, announced, []))
            time.sleep(0.05)

        self._writer.submit(write)
        return early

    if "no-fsync" in mutants:
        os.fsync = lambda handle: None
    if "no-folder-fsync" in mutants:
        blobs.sync_folder = lambda folder: None
    if "wal-normal" in mutants:
        database._prepare_sqlite = normal
    if "impatient" in mutants:
        database._prepare_sqlite = hurried
    if "receipt-first" in mutants:
        Intake.finish = finish_early


def hurry(lease: timedelta) -> None:
    """Let leases run out sooner than an academy's."""
    from bitgoeul.exchange import marking, rules

    rules.LEASE = marking.LEASE = lease


def build(config: dict[str, Any]) -> Any:
    from fastapi import FastAPI

    from bitgoeul.errors import Text
    from bitgoeul.exchange import routes
    from bitgoeul.exchange.core import open_blobs
    from bitgoeul.exchange.service import Exchange
    from bitgoeul.web import errors, pages
    from bitgoeul.web.auth import Authority
    from bitgoeul.web.hub import HubClient
    from bitgoeul.web.link import HubLink

    settings = settings_for(config)
    database = open_database(config, settings)
    judges = adding_judges(config["judge_seconds"])
    exchange = Exchange(
        settings,
        database,
        open_blobs(settings),
        judges=replace(judges, mark=marking_by_cluster(config)) if config["scheduler"] else judges,
        build=no_curriculum,
        wall=wall_of(Path(config["folder"])),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> Any:
        exchange.start()
        yield
        exchange.close()

    link = HubLink(api_url=config["hub_api"], api_token=SERVICE_TOKEN)
    app = FastAPI(lifespan=lifespan)
    app.state.exchange = exchange
    app.state.authority = Authority(link, HubClient(link.api_url, link.api_token))
    pages.install(app, pages.Pages(link, name=Text("시험", "test"), zone=settings.zone))
    errors.install(app)
    app.include_router(routes.router, prefix=PREFIX.rstrip("/"))
    return app


def settings_for(config: dict[str, Any]) -> Any:
    from bitgoeul.settings import Academy, Exchange, Grading, Settings

    folder = Path(config["folder"])
    folder.mkdir(exist_ok=True)
    limits = Exchange(**{"reserve_mb": 0, "min_free_mb": 0, **config["options"]})
    grading = Grading(workers=8 if config.get("scheduler") else 2)
    return Settings(academy=Academy(state=folder), exchange=limits, grading=grading)


def open_database(config: dict[str, Any], settings: Any) -> Any:
    from bitgoeul.database import Database
    from bitgoeul.migrations import migrate

    database = Database(config.get("database_url") or settings.database_url)
    migrate(database)
    return database


def wall_of(folder: Path) -> Any:
    """The machine's clock, moved by the seconds in `folder/clock-step`, if that is there."""
    path = folder / "clock-step"

    def wall() -> datetime:
        step = float(path.read_text()) if path.exists() else 0.0
        return datetime.now(UTC) + timedelta(seconds=step)

    return wall


def no_curriculum(course: str, assignment: str) -> Any:
    from bitgoeul.errors import NotFound

    raise NotFound(ko="교육과정이 없습니다.", en="There is no curriculum here.")


def adding_judges(seconds: float) -> Any:
    """Judges that give a point for each file, and two cells, one of them hidden."""
    from bitgoeul.exchange.marking import Judges, Task
    from bitgoeul.wire import CellVerdict, Verdict

    def mark(task: Task) -> Verdict:
        time.sleep(seconds)
        files = task.submission_files()
        if "explode.ipynb" in files:
            raise RuntimeError("this judge has a defect")
        cells = {
            "seen": CellVerdict(float(len(files)), 10.0, "passed"),
            "unseen": CellVerdict(1.0, 1.0, "passed", "a secret", hidden=True),
        }
        return Verdict(len(files) + 1.0, 11.0, cells=cells, submission_sha256=task.submission.sha256)

    return Judges(
        mark=mark,
        feedback=lambda task: {"a.html": f"<p>{task.submission.user}</p><script>x</script>".encode()},
        sanitise=lambda page: page.replace(b"<script>x</script>", b""),
        execute=lambda course, notebook, files: notebook + b" " + str(sorted(files)).encode(),
    )


def marking_by_cluster(config: dict[str, Any]) -> Any:
    """Judge the first notebook on the cluster, as the service does, without its gradebook."""
    from bitgoeul.exchange.marking import Task
    from bitgoeul.grading.cluster import ClusterPool
    from bitgoeul.grading.keys import cluster_keys
    from bitgoeul.grading.requests import Request
    from bitgoeul.wire import Verdict

    pool = ClusterPool(config["scheduler"], cluster_keys(Path(config["keys"])))

    def mark(task: Task) -> Verdict:
        sent, source = task.submission_files(), task.source_files("ko")
        name = next(iter(source))
        return pool.submit(Request(source[name], sent[name], {"data.bin": sent["data.bin"]})).result().verdict

    return mark


if __name__ == "__main__":
    main()
