"""From the click to a usable JupyterLab, and the CPU seconds of a lab's start: ours beside a plain installation.

The plain one is the same packages with nothing taken away: JupyterHub's own configuration, its stock
single-user server with every extension that the packages bring, and rfc3987-syntax, which jsonschema asks
for. Both run at once and take turns, so that a busy machine is busy for both: the ratios travel.

    python benchmarks/start.py [--rounds 7] [--no-browser] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bitgoeul.hub import configure, node, processes  # noqa: E402  the path comes first
from tests.fakes.visitor import Visitor  # noqa: E402

USER = "minji"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
PLAIN = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = {proxy!r}
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/homes/{{username}}"
c.Spawner.args = {arguments!r}
c.Spawner.environment = {{"PYTHONPATH": "{extra}"}}
c.Spawner.http_timeout = c.Spawner.start_timeout = 300
"""


@dataclass
class Academy:
    """One of the two: where it answers, whose children its labs are, and what was measured."""

    name: str
    address: str
    hub: psutil.Process
    ready: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    usable: list[float] = field(default_factory=list)

    def lab(self) -> psutil.Process:
        return next(child for child in self.hub.children() if "singleuser" in " ".join(child.cmdline()))


def plain_packages(folder: Path) -> Path:
    """What `make up` takes away, in a folder of its own, compiled as pip compiles."""
    if not (folder / "rfc3987_syntax").is_dir():
        pins = [str(ROOT / "constraints.txt")]
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), "-c", *pins]
        subprocess.run([*command, "rfc3987-syntax", "lark"], check=True)
    return folder


@contextmanager
def opened(name: str, command: list[str], port: int, folder: Path, environ: dict[str, str]) -> Iterator[Academy]:
    """Start a Hub, wait for its sign-in page, and end all of it afterwards."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | environ, stdout=log, stderr=log, start_new_session=True
        )
    tree: list[psutil.Process] = []
    try:
        address = f"http://127.0.0.1:{port}/"
        wait_for_page(address, process)
        top = psutil.Process(process.pid)
        tree = [top, *top.children(recursive=True)]
        hub = next(one for one in tree if "jupyterhub" in one.cmdline())
        yield Academy(name, address, hub)
    finally:
        process.terminate()
        process.wait(60)
        processes.end(one for one in tree if one.is_running())


def wait_for_page(address: str, process: subprocess.Popen[bytes], seconds: float = 240) -> None:
    until = time.monotonic() + seconds
    with Visitor(address, USER) as visitor:
        while time.monotonic() < until and process.poll() is None:
            try:
                if visitor.http.get("/hub/login").status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.3)
    raise SystemExit(f"{address} did not open")


def ours(folder: Path) -> AbstractContextManager[Academy]:
    folder.mkdir()
    port = configure.Ports.free().hub
    environ = {"BITGOEUL_SETTINGS": str(ROOT / "academy.toml"), "BITGOEUL_STATE": str(folder / "state")}
    return opened("ours", [sys.executable, "-m", "bitgoeul", "up", "--port", str(port)], port, folder, environ)


def plain(folder: Path, extra: Path) -> AbstractContextManager[Academy]:
    folder.mkdir()
    ports = configure.Ports.free()
    config = PLAIN.format(
        port=ports.service,
        hub=ports.hub,
        api=ports.proxy_api,
        proxy=node.proxy_command(ROOT),
        folder=folder,
        arguments=["--allow-root"] if os.geteuid() == 0 else [],
        extra=extra,
    )
    (folder / "config.py").write_text(config)
    environ = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    command = [sys.executable, "-m", "jupyterhub", "-f", "config.py"]
    return opened("plain", command, ports.service, folder, environ)


def measure_start(academy: Academy) -> None:
    """Click, wait until the lab answers, and read what its process has used."""
    with Visitor(academy.address, USER) as visitor:
        visitor.sign_in()
        begun = time.monotonic()
        visitor.start_lab()
        academy.ready.append(time.monotonic() - begun)
        lab = academy.lab()
        times = lab.cpu_times()
        academy.cpu.append(times.user + times.system)
        academy.memory.append(lab.memory_info().rss / 1e6)
        stop(visitor)


def stop(visitor: Visitor) -> None:
    home = visitor.http.get("/hub/home").text
    token = re.search(r'"?X-XSRFToken"?: "([^"]+)"|xsrf_token: "([^"]+)"', home)
    assert token, home
    headers = {"X-XSRFToken": token[1] or token[2]}
    server = f"/hub/api/users/{USER}/server"
    while visitor.http.delete(server, headers=headers).status_code != 204:
        time.sleep(0.2)


def measure_usable(academy: Academy, browser: Browser) -> None:
    """Click in a real browser, and wait until JupyterLab's launcher can be used."""
    context = browser.new_context(base_url=academy.address)
    page = context.new_page()
    with Visitor(academy.address, USER) as visitor:
        visitor.sign_in()
        jar = visitor.http.cookies.jar
        context.add_cookies(
            [{"name": c.name, "value": c.value or "", "domain": "127.0.0.1", "path": c.path} for c in jar]
        )
        begun = time.monotonic()
        page.goto(f"/hub/spawn/{USER}")
        page.locator(".jp-LauncherCard").first.wait_for(timeout=240_000)
        academy.usable.append(time.monotonic() - begun)
        context.close()
        stop(visitor)


def report(academies: list[Academy]) -> dict[str, dict[str, float]]:
    """Medians of both and ours in plain ones."""
    rows = {
        "CPU seconds of the lab's start": "cpu",
        "seconds from the click to an answering lab": "ready",
        "MB of the lab": "memory",
        "seconds from the click to a usable JupyterLab": "usable",
    }
    told = {}
    for words, name in rows.items():
        ours_, plain_ = (statistics.median(getattr(one, name) or [float("nan")]) for one in academies)
        told[words] = {"ours": round(ours_, 2), "plain": round(plain_, 2), "ratio": round(ours_ / plain_, 2)}
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    extra = plain_packages(ROOT / ".cache" / "plain")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        academies = [stack.enter_context(ours(folder / "ours")), stack.enter_context(plain(folder / "plain", extra))]
        for academy in academies:
            measure_start(academy)  # the first fills caches of the disk, and is not counted
            academy.ready.clear(), academy.cpu.clear(), academy.memory.clear()
        for _ in range(options.rounds):
            for academy in academies:
                measure_start(academy)
        if not options.no_browser:
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            stack.callback(browser.close)
            for _ in range(max(3, options.rounds // 2)):
                for academy in academies:
                    measure_usable(academy, browser)
    told = report(academies)
    if options.json:
        print(json.dumps(told, indent=1))
        return
    print(f"{'':48}{'ours':>8}{'plain':>8}{'ratio':>8}   (medians of {options.rounds})")
    for words, row in told.items():
        print(f"{words:48}{row['ours']:8.2f}{row['plain']:8.2f}{row['ratio']:8.2f}")


if __name__ == "__main__":
    main()
