"""From the click to a usable JupyterLab in a container, for one person and for a class of thirty at once: ours beside a plain one.

The plain one is what a team would set up first: an image of `pip install jupyterhub jupyterlab` on the same base, with stock DockerSpawner.
Both run on the same engine, one after the other, with the same limits and the same patience. Then a class that stands in the calendar:
its labs are started before the bell, and all thirty click at once.

    python benchmarks/spawn.py [--class-size 30] [--rounds 5] [--no-browser] [--bell-only] [--json]

Needs root and a Docker engine's programs (make system-packages); makes its own engine, and leaves nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from start import CHROMIUM, FLAGS  # noqa: E402

from bitgoeul.hub import configure, node, processes  # noqa: E402  the path comes first
from tests.fakes import docker_academy, docker_engine, docker_images  # noqa: E402
from tests.fakes.visitor import Visitor  # noqa: E402

PATIENCE = 600
PLAIN_IMAGE = "plain:latest"
PLAIN_BUILD = f"""FROM {docker_images.BASE}
RUN useradd -m -u 20100 student && python3 -m venv /opt/venv
COPY . /wheels
RUN /opt/venv/bin/pip install -q --no-index --find-links /wheels jupyterhub jupyterlab
ENV PATH=/opt/venv/bin:/usr/bin:/bin HOME=/home/student
USER student
WORKDIR /home/student
CMD ["jupyterhub-singleuser"]
"""
PLAIN = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/"
c.JupyterHub.hub_bind_url = c.JupyterHub.hub_connect_url = "http://172.28.0.1:8081"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = {proxy!r}
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.client_kwargs = {{"base_url": "{engine}"}}
c.DockerSpawner.image = "{image}"
c.DockerSpawner.network_name = "plain"
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
c.DockerSpawner.pull_policy = "never"
c.DockerSpawner.mem_limit = "512M"
c.DockerSpawner.cpu_limit = 2
c.Spawner.http_timeout = c.Spawner.start_timeout = {patience}
"""
OURS = """
[academy]
curriculum = "none"
[hub]
start_timeout_seconds = {patience}
[docker]
engine = "{engine}"
image = "bitgoeul/notebook:tests"
[cohorts.class]
title = {{ ko = "반", en = "Class" }}
students = {students}
network = "closed"
memory_mb = 512
cpus = 2
disk_gb = 1
"""
PERSON = '[[people]]\nuser = "{0}"\nname = {{ ko = "{0}", en = "{0}" }}\nrole = "student"\n'


@dataclass
class Place:
    """One of the two academies: where it answers, and how its containers are found."""

    name: str
    address: str
    client: Any
    prefix: str

    def containers(self) -> list[Any]:
        return [one for one in self.client.containers.list() if one.name.startswith(self.prefix)]

    def cpu(self) -> float:
        """CPU seconds that all containers have used, all their processes."""
        used = (self.client.api.stats(one.id, stream=False, one_shot=True) for one in self.containers())
        return float(sum(found["cpu_stats"]["cpu_usage"]["total_usage"] for found in used)) / 1e9

    def empty(self) -> None:
        """Remove every lab; the Hubs notice at the next click or poll, so each round takes other people."""
        for one in self.containers():
            one.remove(force=True)


def build_plain(client: Any, wheels: Path) -> None:
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(PLAIN_BUILD.encode())
        archive.addfile(entry, io.BytesIO(PLAIN_BUILD.encode()))
        for path in sorted(wheels.glob("*.whl")):
            archive.add(path, path.name)
    context.seek(0)
    client.images.build(fileobj=context, custom_context=True, tag=PLAIN_IMAGE, network_mode="none", rm=True)


@contextlib.contextmanager
def plain(engine: docker_engine.Engine, client: Any, folder: Path) -> Iterator[Place]:
    folder.mkdir()
    ports = configure.Ports.free()
    pool = [{"Subnet": "172.28.0.0/16", "Gateway": "172.28.0.1"}]
    network = client.networks.create("plain", driver="bridge", ipam={"Driver": "default", "Config": pool})
    values = {"port": ports.hub, "api": ports.proxy_api, "proxy": node.proxy_command(ROOT), "engine": engine.url}
    (folder / "config.py").write_text(PLAIN.format(**values, image=PLAIN_IMAGE, patience=PATIENCE))
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "jupyterhub", "-f", "config.py"]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    place = Place("plain", f"http://127.0.0.1:{ports.hub}", client, "jupyter-")
    try:
        for _ in range(300):
            with contextlib.suppress(Exception), Visitor(place.address, "x") as visitor:  # it is not open yet
                if visitor.http.get("/hub/login").status_code == 200:
                    break
            time.sleep(0.3)
        yield place
    finally:
        process.terminate()
        process.wait(60)
        place.empty()
        network.remove()


@contextlib.contextmanager
def ours(engine: docker_engine.Engine, folder: Path, people: list[str], lesson: str = "") -> Iterator[Place]:
    folder.mkdir()
    text = OURS.format(engine=engine.url, students=json.dumps(people), patience=PATIENCE)
    text += f'lessons = ["{lesson}"]\n' if lesson else ""
    with docker_academy.opened(engine, ROOT, folder, text + "".join(map(PERSON.format, people))) as academy:
        yield Place("ours", academy.address, academy.client, "jupyter-")


def click(place: Place, user: str) -> float:
    """Seconds from the click until JupyterLab's page comes from the person's own container."""
    with Visitor(place.address, user) as visitor:
        visitor.sign_in()
        begun = time.monotonic()
        visitor.start_lab(seconds=PATIENCE)
        return time.monotonic() - begun


def at_once(place: Place, users: list[str]) -> tuple[list[float], int]:
    """All click in the same second: their seconds, and how many did not get in."""

    def one(user: str) -> float | None:
        try:
            return click(place, user)
        except (AssertionError, OSError, ValueError) as error:
            print(f"{place.name}: {user}: {str(error)[:200]}", file=sys.stderr)
            return None

    with ThreadPoolExecutor(len(users)) as pool:
        found = list(pool.map(one, users))
    return [seconds for seconds in found if seconds is not None], found.count(None)


def in_browser(place: Place, user: str) -> tuple[float, float]:
    """Seconds from the click until JupyterLab's launcher can be used in Chromium: its cache empty, and as the last visit left it."""
    with sync_playwright() as playwright, Visitor(place.address, user) as visitor:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        visitor.sign_in()
        context = browser.new_context(base_url=place.address)
        context.add_cookies([
            {"name": c.name, "value": c.value or "", "domain": "127.0.0.1", "path": c.path} for c in visitor.http.cookies.jar
        ])  # fmt: skip
        seconds = []
        for _ in range(2):
            page = context.new_page()
            begun = time.monotonic()
            page.goto(f"/hub/spawn/{user}")
            page.locator(".jp-LauncherCard").first.wait_for(timeout=240_000)
            seconds.append(time.monotonic() - begun)
            page.close()
        browser.close()
        return seconds[0], seconds[1]


def measure(place: Place, names: Callable[[int], list[str]], options: argparse.Namespace) -> dict[str, float]:
    """One person several times, a browser, then a class: what each took."""
    click(place, names(1)[0])  # fills the disk's cache, and is not counted
    place.empty()
    ready, cpu = [], []
    for _ in range(options.rounds):
        ready.append(click(place, names(1)[0]))
        cpu.append(place.cpu())
        place.empty()
    found = {"one: CPU seconds": statistics.median(cpu), "one: seconds to JupyterLab's page": statistics.median(ready)}
    if not options.no_browser:
        usable = []
        for _ in range(3):
            usable.append(in_browser(place, names(1)[0])[0])
            place.empty()
        found["one: seconds to a usable JupyterLab in Chromium"] = statistics.median(usable)
    waits, failed = at_once(place, names(options.class_size))
    found |= {
        "class: median seconds": statistics.median(waits),
        "class: longest": max(waits),
        "class: CPU seconds each": place.cpu() / max(1, len(place.containers())),
        "class: failed": failed,
    }
    place.empty()
    return found


def before_the_bell(engine: docker_engine.Engine, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """A lesson in eight minutes: its labs start by themselves; then all click at once, and one in a browser."""
    people = [f"pupil{n:02}" for n in range(options.class_size)]
    begins = datetime.now(ZoneInfo("Asia/Seoul")) + timedelta(minutes=8)
    lesson = f"{begins:%a %H:%M}-{begins + timedelta(hours=2):%H:%M}".lower()
    with ours(engine, folder, people, lesson) as place:
        begun = time.monotonic()
        while len(place.containers()) < len(people) and time.monotonic() - begun < PATIENCE:
            time.sleep(0.5)
        started = time.monotonic() - begun
        time.sleep(10)  # the last of them comes up
        waits, failed = at_once(place, people)
        visits = [] if options.no_browser else [in_browser(place, people[n]) for n in range(3)]
        first, again = (statistics.median(one) for one in zip(*visits, strict=True)) if visits else (float("nan"),) * 2
        return {
            "bell: seconds in which all were started": started,
            "bell: median seconds of a click, all at once": statistics.median(waits),
            "bell: longest": max(waits),
            "bell: seconds to a usable JupyterLab in Chromium": first,
            "bell: the same with the cache of the last visit": again,
            "bell: failed": failed,
        }


def both(
    engine: docker_engine.Engine, folder: Path, options: argparse.Namespace
) -> tuple[dict[str, float], dict[str, float]]:
    """What ours and the plain one took, one after the other."""
    with engine.network(), engine.client() as client:
        build_plain(client, docker_images.parts(ROOT)[1])
        with plain(engine, client, folder / "plain") as place:
            theirs = measure(place, names_for("p"), options)
        everybody = [f"o{n:04}" for n in range(options.class_size + options.rounds + 10)]
        with ours(engine, folder / "ours", everybody) as place:
            return measure(place, names_for("o"), options), theirs


def names_for(prefix: str) -> Callable[[int], list[str]]:
    """Ever new people: a Hub may still believe that the last ones' labs run."""
    used = iter(range(10_000))
    return lambda count: [f"{prefix}{next(used):04}" for _ in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--class-size", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--bell-only", action="store_true", help="only the class that is started before the bell")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    engine = docker_engine.Engine(docker_engine.short_folder())
    engine.start()
    folder = Path(tempfile.mkdtemp(prefix="spawn-"))
    try:
        docker_images.build(engine.url, ROOT, folder, ["notebook"])
        own, theirs = ({}, {}) if options.bell_only else both(engine, folder, options)
        bell = before_the_bell(engine, folder / "bell", options)
    finally:
        engine.stop()
        shutil.rmtree(folder, ignore_errors=True)
    told = {words: {"ours": own[words], "plain": theirs[words]} for words in own}
    if options.json:
        print(json.dumps({**told, **bell}, indent=1))
        return
    print(f"{'':52}{'ours':>8}{'plain':>8}{'ratio':>8}")
    for words, row in told.items():
        ratio = row["ours"] / row["plain"] if row["plain"] else float("nan")
        print(f"{words:52}{row['ours']:8.2f}{row['plain']:8.2f}{ratio:8.2f}")
    for words, value in bell.items():
        print(f"{words:52}{value:8.2f}")
    print(f"load at the end: {os.getloadavg()[0]:.1f}; processes left: {len(list(processes.of_academy(folder)))}")


if __name__ == "__main__":
    main()
