"""The last minute before a deadline: 1,000 students hand in 300 kB each, half of them in the last 10 s.

The same storm goes against our exchange and against ngshare (from PyPI, in an environment of its own), one
after the other on this machine, with the students beside them and a real JupyterHub that says who is who.
A student's wait counts from the moment he pressed the button, also when the machine was too busy to send.

    python benchmarks/storm.py [--students 1000] [--seconds 60] [--kilobytes 300] [--hub real|fake]
                               [--no-ngshare] [--json]
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bitgoeul.exchange import bundle  # noqa: E402  the path comes first
from bitgoeul.wire import Receipt, read  # noqa: E402
from tests.fakes.hub import FakeHub  # noqa: E402
from tests.fakes.ports import free_port, listening  # noqa: E402
from tests.services import exchange_load as load  # noqa: E402
from tests.services.exchange_service import Service  # noqa: E402

COURSE, ASSIGNMENT = load.COURSE, load.ASSIGNMENT
ADMIN = "the-benchmarks-own-token"
# With SQLAlchemy 2, which pip chooses today, ngshare answers 200 to a release and stores nothing.
NGSHARE = ("ngshare==0.6.0", "sqlalchemy<2")
HUB = """
from jupyterhub.proxy import Proxy
class NoProxy(Proxy):
    should_start = False
    async def add_route(self, routespec, target, data): pass
    async def delete_route(self, routespec): pass
    async def get_all_routes(self): return {{}}
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.hub_bind_url = c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie-secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.Application.log_level = 40
access = ["access:services!service=bitgoeul", "access:services!service=ngshare"]
c.JupyterHub.load_roles = [
    {{"name": "user", "scopes": ["self", *access]}},
    {{"name": "benchmark", "services": ["benchmark"], "scopes": ["admin:users", "tokens", "admin:groups", *access]}},
]
c.JupyterHub.services = [
    {{"name": "benchmark", "api_token": "{admin}"}},
    {{"name": "bitgoeul", "api_token": "{bitgoeul}"}},
    {{"name": "ngshare", "api_token": "{ngshare}"}},
]
"""


@dataclass
class People:
    """The Hub's API and everybody's token."""

    api: str
    staff: str
    students: list[str]


@dataclass
class Outcome:
    """What a storm left. Waits are in seconds."""

    name: str
    waits: list[float] = field(default_factory=list)
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    retries: int = 0
    cpu_ms: float = 0.0

    def figures(self) -> dict[str, float]:
        """The figures that are reported."""
        ranked = sorted(self.waits)
        at = {name: ranked[min(len(ranked) - 1, int(len(ranked) * part))] for name, part in QUANTILES.items()}
        counts = {name: getattr(self, name) for name in ("acknowledged", "lost", "doubled", "retries")}
        return {**counts, **{name: round(value, 3) for name, value in at.items()}, "cpu_ms": round(self.cpu_ms, 1)}


QUANTILES = {"p50": 0.5, "p99": 0.99, "max": 1.0}
Send = Callable[[int, bytes], bool]


# --- the Hub -----------------------------------------------------------------------------------------------


@contextmanager
def real_hub(folder: Path, count: int) -> Iterator[People]:
    """A JupyterHub with these people; its proxy is left out, because nothing here goes through it."""
    port = free_port()
    folder.mkdir()
    tokens = {"admin": ADMIN, "bitgoeul": load.exchange_service.SERVICE_TOKEN, "ngshare": "ngshares-own-token"}
    (folder / "config.py").write_text(HUB.format(port=port, folder=folder, **tokens))
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTERHUB", "CONFIGPROXY"))}
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "jupyterhub", "-f", str(folder / "config.py")]
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)
    try:
        wait_for(port, "/hub/api/", process)
        yield enrol(port, count)
    finally:
        process.terminate()
        process.wait(30)


def enrol(port: int, count: int) -> People:
    """Make the users, the groups and a token for each."""

    def ask(path: str, body: object) -> dict[str, str]:
        status, answer = request(port, "POST", f"/hub/api/{path}", ADMIN, json.dumps(body).encode())
        if status >= 300:
            raise SystemExit(f"the Hub answers {path} with {status}: {answer[:300]!r}")
        found: dict[str, str] = json.loads(answer) if answer.startswith(b"{") else {}
        return found

    names = [f"student-{number}" for number in range(count)]
    ask("users", {"usernames": ["prof", *names]})
    for group, users in ((f"formgrade-{COURSE}", ["prof"]), (f"nbgrader-{COURSE}", names)):
        ask(f"groups/{group}", {})
        ask(f"groups/{group}/users", {"users": users})
    tokens = [ask(f"users/{name}/tokens", {})["token"] for name in ["prof", *names]]
    return People(f"http://127.0.0.1:{port}/hub/api", tokens[0], tokens[1:])


@contextmanager
def fake_hub(count: int) -> Iterator[People]:
    """The stand-in of the tests: faster than the real one, so the services show more of themselves."""
    school = load.School(count)
    with listening(school.hub) as api:
        hub: FakeHub = school.hub
        yield People(api, hub.token_for("prof"), [school.tokens[f"student-{number}"] for number in range(count)])


def request(port: int, method: str, path: str, token: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    """One request over a connection of its own, as a lab's button sends it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        connection.request(method, path, body=body, headers={"Authorization": f"token {token}", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    """Until it answers at all."""
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError, http.client.HTTPException):
            request(port, "GET", path, "", b"")
            return
        time.sleep(0.1)
    raise SystemExit(f"what should listen on {port} did not start")


# --- the storm ---------------------------------------------------------------------------------------------


def moments(students: int, seconds: float) -> list[float]:
    """When each presses the button: half of them evenly before the last sixth, half of them in it."""
    calm = seconds * 5 / 6
    early, late = students // 2, students - students // 2
    return [calm * n / early for n in range(early)] + [calm + (seconds - calm) * n / late for n in range(late)]


def storm(
    outcome: Outcome, plan: list[float], bodies: Callable[[int], bytes], send: Send, process: psutil.Process
) -> None:
    """Everybody hands in at his moment and tries again until it is taken."""
    begun = sum(process.cpu_times()[:2])
    start = time.monotonic() + 1

    def student(number: int) -> float:
        body, at = bodies(number), start + plan[number]
        time.sleep(max(0.0, at - time.monotonic()))
        pause = 0.1
        while time.monotonic() - at < 180:
            with suppress(OSError, http.client.HTTPException):
                if send(number, body):
                    return time.monotonic() - at
            outcome.retries += 1
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 2, 2.0)
        return -1.0

    with ThreadPoolExecutor(256) as pool:
        waits = list(pool.map(student, range(len(plan))))
    outcome.waits = [wait for wait in waits if wait >= 0]
    outcome.acknowledged = len(outcome.waits)
    outcome.cpu_ms = 1000 * (sum(process.cpu_times()[:2]) - begun) / len(plan)
    print(outcome.name, outcome.figures(), file=sys.stderr)


def against_ours(folder: Path, people: People, plan: list[float], size: int) -> Outcome:
    """Our exchange with its two graders at work; their judge takes a second and no CPU, so that it is not measured."""
    outcome, receipts = Outcome("bitgoeul"), {}
    service = Service(folder / "state", people.api, judge_seconds=1.0)
    service.start()
    try:
        body = bundle.write(load.RELEASE)
        assert service.ask("POST", f"{load.IN}/releases", people.staff, body=body).status == 201, service.log
        keys = [str(uuid.uuid4()) for _ in plan]

        def send(number: int, body: bytes) -> bool:
            answer = load.submit(service, people.students[number], body, keys[number])
            if answer.status not in (200, 201):
                return False
            receipts[keys[number]] = read(Receipt, answer.body)
            return True

        assert service.process is not None
        storm(outcome, plan, lambda number: load.work_of(size, number), send, psutil.Process(service.process.pid))
    finally:
        service.stop()
    found = load.look(folder / "state", receipts)
    outcome.lost, outcome.doubled = found.lost + len(plan) - found.rows, found.doubled
    return outcome


def ngshare_python() -> str:
    """An environment with ngshare alone; made once."""
    folder = ROOT / ".cache" / "ngshare"
    python = folder / "bin" / "python"
    if not (folder / "bin" / "ngshare").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *NGSHARE], check=True)
    return str(python)


def first_steps(students: int) -> list[tuple[str, dict[str, str]]]:
    """What an instructor tells ngshare before a storm: the course, its students, the released assignment."""
    users = [{"username": f"student-{n}", "first_name": "", "last_name": "", "email": ""} for n in range(students)]
    steps = [(f"course/{COURSE}", {"instructors": '["prof"]'})]
    steps += [(f"students/{COURSE}", {"students": json.dumps(users[n : n + 50])}) for n in range(0, len(users), 50)]
    return [*steps, (f"assignment/{COURSE}/{ASSIGNMENT}", {"files": files_of({"regression.ipynb": load.NOTEBOOK})})]


def against_ngshare(folder: Path, people: People, plan: list[float], size: int) -> Outcome:
    """ngshare as its documentation starts it behind a Hub, with the same work as its own client sends it."""
    outcome, port, prefix = Outcome("ngshare"), free_port(), "/services/ngshare/"
    folder.mkdir()
    environ = {
        **os.environ,
        "JUPYTERHUB_API_URL": people.api,
        "JUPYTERHUB_API_TOKEN": "ngshares-own-token",
        "JUPYTERHUB_CLIENT_ID": "service-ngshare",
        "JUPYTERHUB_SERVICE_PREFIX": prefix,
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}",
    }
    command = [ngshare_python(), "-m", "ngshare", "--admins", "prof"]
    command += ["--database", f"sqlite:///{folder / 'ngshare.db'}", "--storage", str(folder / "files")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)
    try:
        wait_for(port, f"{prefix}healthz", process)

        def post(path: str, token: str, form: bytes) -> int:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            return request(port, "POST", prefix + path, token, form, **kind)[0]

        for path, form in first_steps(len(plan)):
            once_more(lambda path=path, form=form: post(path, people.staff, urlencode(form).encode()) in (200, 409))

        def send(number: int, body: bytes) -> bool:
            return post(f"submission/{COURSE}/{ASSIGNMENT}", people.students[number], body) == 200

        def body_of(number: int) -> bytes:
            work = {"regression.ipynb": load.NOTEBOOK, "data.bin": random.Random(number).randbytes(size)}
            return urlencode({"files": files_of(work)}).encode()

        storm(outcome, plan, body_of, send, psutil.Process(process.pid))
        status, answer = request(port, "GET", f"{prefix}submissions/{COURSE}/{ASSIGNMENT}", people.staff, b"")
        assert status == 200, (status, answer[:300], (folder / "log").read_text()[-3000:])
    finally:
        process.terminate()
        process.wait(30)
    found = [row["student_id"] for row in json.loads(answer)["submissions"]]
    outcome.lost, outcome.doubled = len(plan) - len(set(found)), len(found) - len(set(found))
    return outcome


def once_more(step: Callable[[], bool]) -> None:
    """ngshare watches its files and starts anew when one changes; a step of the preparation is then done again."""
    for _ in range(5):
        with suppress(OSError, http.client.HTTPException):
            if step():
                return
        time.sleep(2)
    raise SystemExit("ngshare could not be prepared")


def files_of(files: dict[str, bytes]) -> str:
    """ngshare's own form of a folder."""
    return json.dumps([{"path": name, "content": base64.encodebytes(data).decode()} for name, data in files.items()])


# --- the report --------------------------------------------------------------------------------------------


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Run both; their figures and the ratios of the waits."""
    plan, size = moments(arguments.students, arguments.seconds), arguments.kilobytes * 1000
    with ExitStack() as stack:
        hub = real_hub(folder / "hub", arguments.students) if arguments.hub == "real" else fake_hub(arguments.students)
        people = stack.enter_context(hub)
        outcomes = [against_ours(folder, people, plan, size)]
        if not arguments.no_ngshare:
            outcomes.append(against_ngshare(folder / "ngshare", people, plan, size))
    found = {outcome.name: outcome.figures() for outcome in outcomes}
    ratios = {}
    if "ngshare" in found:
        ratios = {name: round(found["ngshare"][name] / found["bitgoeul"][name], 1) for name in (*QUANTILES, "cpu_ms")}
    names = ("students", "seconds", "kilobytes", "hub")
    return {**{name: getattr(arguments, name) for name in names}, "cores": os.cpu_count(), **found, "ratio": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--kilobytes", type=int, default=300)
    parser.add_argument("--hub", choices=("real", "fake"), default="real")
    parser.add_argument("--no-ngshare", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    with tempfile.TemporaryDirectory(prefix="bitgoeul-storm-") as folder:
        report = measure(arguments, Path(folder))
    if arguments.json:
        print(json.dumps(report))
        return
    print(
        f"{arguments.students} students, {arguments.kilobytes} kB each in {arguments.seconds:.0f} s, half in the last sixth,"
    )
    print(
        f"{arguments.hub} JupyterHub, everything on {os.cpu_count()} cores; waits in s, CPU of the service per upload\n"
    )
    for name in ("bitgoeul", "ngshare"):
        if name in report:
            print(f"{name:9}", "  ".join(f"{key} {value}" for key, value in report[name].items()))
    print("ngshare / bitgoeul:", "  ".join(f"{key} {value}" for key, value in report["ratio"].items()) or "not run")


if __name__ == "__main__":
    main()
