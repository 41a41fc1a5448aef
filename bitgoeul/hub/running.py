"""The Hub as a child process: started once per state folder, watched until it answers, stopped with all it started."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bitgoeul.errors import BitgoeulError, Conflict
from bitgoeul.hub import processes, security, services, tether
from bitgoeul.hub.node import PROJECT
from bitgoeul.settings import Settings

Progress = Callable[[float], None]
"""Called about ten times a second with the seconds since the start."""

_STOP_SECONDS = 30
_TAIL_LINES = 25
_OUR_OWN_POLLING = re.compile(r"ConfigProxy|/hub/error/|_xsrf_utils|GET /hub/login")


class HubFailed(BitgoeulError):
    """The Hub did not come up, or ended by itself."""

    code = "hub-failed"


url = security.local_url
"""The address at which this machine opens the academy."""


def prepare(settings: Settings) -> Path:
    """Make the folders that only the academy reads; give the log file's path."""
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("hub", "homes", "courses"):
        (settings.state / name).mkdir(exist_ok=True, mode=0o700)
    key = security.crypt_key(settings)
    if settings.login.groups_claim and not key.exists():
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    return settings.state / "hub" / "hub.log"


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the state folder; raise `Conflict` if another `up` holds it. What a killed one left is ended first."""
    with (settings.state / "hub" / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise _running_already(lock.read().strip()) from None
        processes.end(processes.of_academy(settings.state))
        lock.truncate(0)
        lock.write(f"{os.getpid()} {url(settings)}")
        lock.flush()
        yield


def _running_already(words: str) -> Conflict:
    pid, _, address = words.partition(" ")
    return Conflict(
        ko=f"이 학교는 이미 {address}에서 열려 있습니다(프로세스 {pid}). 그 주소를 쓰거나, 그 터미널에서 Ctrl-C로 끝내십시오.",
        en=f"This academy is open already at {address} (process {pid}). Use that address, or end it there with Ctrl-C.",
    )


def check_port(settings: Settings) -> None:
    """Raise `Conflict` if somebody listens where the academy should."""
    host, port = settings.hub.host, settings.hub.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            who = processes.holder_of(port)
            raise Conflict(
                ko=f"포트 {port}을(를) 열 수 없습니다: {f'{who} 프로그램이 쓰고 있습니다' if who else error.strerror}. "
                f"그 프로그램을 끝내거나 `bitgoeul up --port {port + 1}`처럼 다른 포트로 시작하십시오.",
                en=f"Port {port} cannot be opened: {f'{who} uses it' if who else error.strerror}. "
                f"End that program, or choose another port: `bitgoeul up --port {port + 1}`.",
            ) from None


def forget_memberships(database: Path) -> None:
    """Take everybody out of the Hub's groups: at its start the Hub adds members and never removes one.

    The settings name every member, so who has left a cohort there is out at the next start.
    """
    if not database.is_file():
        return
    with closing(sqlite3.connect(database)) as connection, connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'user_group_map'").fetchone()
        if known:
            connection.execute("DELETE FROM user_group_map")


class HubProcess:
    """The Hub of one academy. `start`, `wait_until_up`, `wait`, and always `stop`."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.settings = settings
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the Hub in a session of its own: Ctrl-C in the terminal reaches us alone, and we stop it in order."""
        forget_memberships(self.settings.state / "hub" / "jupyterhub.sqlite")
        hub = [sys.executable, "-m", "jupyterhub", "-f", str(PROJECT / "jupyterhub_config.py")]
        if self.log.exists():  # what the last Hub said before its end is often what one wants to read
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bitgoeul.hub.tether", *hub],
                cwd=self.settings.state / "hub",
                env=os.environ | services.environment(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_up(self, progress: Progress, *, seconds: float = 90) -> None:
        """Return when the sign-in page answers; raise `HubFailed` with the log's tail when it will not."""
        begun = time.monotonic()
        while not self._answers():
            waited = time.monotonic() - begun
            if self.ended() is not None or waited > seconds:
                raise self._failure()
            progress(waited)
            time.sleep(0.1)

    def wait_until_served(self, *, seconds: float = 90) -> None:
        """Return when the service has loaded behind its open port; raise `HubFailed` when it cannot."""
        if not self._answers(f"services/{services.NAME}/api/receipt-key", seconds):
            raise HubFailed(
                ko=f"빛고을 서비스가 시작되지 않습니다. 전체 기록은 {self.log}에 있고, 끝부분은 이렇습니다:\n{self.tail()}",
                en=f"The Bitgoeul service does not start. The whole log is {self.log}; it ends with:\n{self.tail()}",
            )

    def _answers(self, path: str = "hub/login", seconds: float = 5) -> bool:
        no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        public = (
            security.service_url(self.settings) if path.startswith("services/") else security.public_url(self.settings)
        )
        request = urllib.request.Request(url(self.settings) + path)  # noqa: S310  our own http address
        if self.settings.hub.public_url:  # the proxy routes by name: everybody and the service has an origin
            request.add_header("Host", urlsplit(public).netloc)
        try:
            with no_proxy.open(request, timeout=seconds) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def ended(self) -> int | None:
        """Give the Hub's exit code once it has ended."""
        return self._process.poll() if self._process else None

    def wait(self) -> None:
        """Return never while the Hub runs; raise `HubFailed` when it ends by itself."""
        while self._process and self.ended() is None:
            processes.reap(keep=self._process.pid)
            time.sleep(0.5)
        raise self._failure()

    def _failure(self) -> HubFailed:
        tail = self.tail()
        return HubFailed(
            ko=f"Hub가 멈추었습니다(종료 코드 {self.ended()}). 전체 기록은 {self.log}에 있고, 끝부분은 이렇습니다:\n{tail}",
            en=f"The Hub is not running (exit code {self.ended()}). Its whole log is {self.log}; it ends with:\n{tail}",
        )

    def tail(self) -> str:
        """Give the end of the log."""
        with self.log.open(encoding="utf-8", errors="replace") as log:
            return "".join(deque((line for line in log if not _OUR_OWN_POLLING.search(line)), _TAIL_LINES))

    def stop(self) -> None:
        """End the Hub, which ends what it started, and then whatever is left: adopted orphans included."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        left = {
            process.pid: process for process in (*processes.descendants(), *processes.of_academy(self.settings.state))
        }
        processes.end(left.values())


def stop_on_signals() -> None:
    """Turn SIGTERM and SIGHUP into the same orderly end as Ctrl-C, and adopt what our children leave."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    tether.adopt_orphans()
