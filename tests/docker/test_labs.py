"""`bitgoeul up --runtime docker` on the real engine: labs start in containers, keep to their walls, and end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bitgoeul.hub import processes
from tests.fakes.docker_academy import Academy, opened
from tests.fakes.docker_engine import PATH, Engine
from tests.fakes.docker_images import Built
from tests.fakes.visitor import Visitor

GATEWAY = "172.31.0.1"
METADATA = "169.254.169.254"
MIRROR, WORLD = "10.77.0.9", "198.51.100.7"
PROFILE = """memory_mb = 512
disk_gb = 0.05
processes = 256
network = "closed"
"""


@pytest.fixture(scope="module")
def academy(engine: Engine, images: Built, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Academy]:
    folder = tmp_path_factory.mktemp("academy")
    (folder / "data").mkdir()
    (folder / "data/seen.csv").write_text("1,2\n")
    text = (root / "academy.toml").read_text().replace("[academy]", f'[academy]\ncurriculum = "{root}/curriculum"')
    for cohort in ("academy-1", "middle-school-1"):
        text = text.replace(f"[cohorts.{cohort}]", f"[cohorts.{cohort}]\n{PROFILE}")
    text = text.replace('students = ["minji", "junho", "amelia"]', 'students = ["minji", "junho"]')
    text += f"""
[docker]
engine = "{engine.url}"
image = "bitgoeul/notebook:tests"
datasets = "{folder}/data"
package_index = "http://{MIRROR}:3141/simple/"
"""
    for name, network, user in (("open", "open", "amelia"), ("mirrored", "packages", "jiho")):
        text += f"""
[cohorts.{name}]
title = {{ ko = "{name}", en = "{name}" }}
students = ["{user}"]
network = "{network}"
memory_mb = 512
"""
    with opened(engine, root, folder, text) as found:
        yield found


def test_a_start_is_told_by_the_engines_own_events_in_both_languages(academy: Academy) -> None:
    with Visitor(academy.address, "amelia") as amelia:
        amelia.sign_in()
        amelia.http.get("/hub/spawn/amelia", follow_redirects=False)
        with amelia.http.stream("GET", "/hub/api/users/amelia/server/progress") as stream:
            events = [json.loads(line[5:]) for line in stream.iter_lines() if line.startswith("data:")]

    assert events[-1].get("ready"), events
    told = " ".join(event.get("ko", "") for event in events)
    assert "컨테이너를 만들었습니다" in told
    assert "컨테이너가 켜졌습니다" in told
    assert "The container runs" in " ".join(event.get("en", "") for event in events)


def test_a_lab_has_no_power_and_keeps_to_its_limits(academy: Academy) -> None:
    container = academy.lab("minji")
    container.reload()
    host = container.attrs["HostConfig"]
    status = dict(
        re.findall(
            r"^(\w+):\s+(.*)$", academy.inside(container, "print(open('/proc/self/status').read())"), re.MULTILINE
        )
    )

    assert (status["CapEff"], status["NoNewPrivs"], status["Seccomp"]) == ("0" * 16, "1", "2")
    assert status["Uid"].split() == ["20100"] * 4
    assert host["Memory"] == host["MemorySwap"] == 512 * 1024 * 1024
    assert (host["PidsLimit"], host["ReadonlyRootfs"], host["Privileged"]) == (256, True, False)
    assert "Read-only file system" in academy.inside(container, "open('/opt/x', 'w')")
    assert "Read-only file system" in academy.inside(container, "open('/datasets/x', 'w')")
    assert academy.inside(container, "print(open('/datasets/seen.csv').read())") == "1,2"


def test_a_kernel_runs_and_is_spoken_to_by_ipc(academy: Academy) -> None:
    container = academy.lab("minji")
    minji = academy.visitors["minji"]
    assert minji.tell("api/kernels", {"name": "python3"}).status_code == 201
    ask = "import glob, json; print({json.load(open(f))['transport'] for f in glob.glob('/tmp/jupyter/kernel-*.json')})"

    assert academy.inside(container, ask) == "{'ipc'}"
    assert minji.ask("assignments?course_id=machine-learning").json()["success"] is True


def test_a_home_has_an_end_and_outlives_its_container(academy: Academy) -> None:
    container = academy.lab("minji")
    academy.inside(container, "open('/home/student/kept.txt', 'w').write('mine')")
    full = academy.inside(container, "open('/home/student/big', 'wb').write(b'0' * 60_000_000)")
    academy.inside(container, "import os; os.remove('/home/student/big')")
    academy.end_lab("minji")
    again = academy.lab("minji")

    assert "No space left on device" in full
    assert again.id != container.id
    assert academy.inside(again, "print(open('/home/student/kept.txt').read())") == "mine"


REACH = """
import os, socket, sys, urllib.request, urllib.error
def reach(host, port):
    try:
        socket.create_connection((host, port), 3).close()
        return "open"
    except OSError as error:
        return type(error).__name__
def ask(path, method="GET"):
    url = os.environ["JUPYTERHUB_API_URL"] + path
    request = urllib.request.Request(url, method=method, headers={"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]})
    try:
        return urllib.request.urlopen(request, timeout=5).status
    except urllib.error.HTTPError as error:
        return error.code
"""


def test_from_inside_a_lab_nothing_of_others_is_reached(academy: Academy, engine: Engine) -> None:
    mine, other = academy.lab("minji"), academy.lab("junho")
    other.reload()
    theirs = other.attrs["NetworkSettings"]["Networks"]["bitgoeul-labs"]["IPAddress"]
    subprocess.run(["ip", "address", "add", f"{METADATA}/32", "dev", "lo"], check=True)
    held = [socket.create_server(at) for at in (("", 5432), (METADATA, 80))]
    tries = {
        "another's lab": f"reach('{theirs}', 8888)",
        "the database at the gateway": f"reach('{GATEWAY}', 5432)",
        "the metadata": f"reach('{METADATA}', 80)",
        "the academy's front door": f"reach('{GATEWAY}', {academy.address.rsplit(':', 1)[1]})",
        "the internet": "reach('1.1.1.1', 443)",
    }
    try:
        for name, attempt in tries.items():
            found = academy.inside(mine, f"{REACH}\nprint({attempt})")
            assert found in ("TimeoutError", "timeout", "OSError", "ConnectionRefusedError"), (name, found)
        # What it tried was there, from where the wall is not.
        for at in ((theirs, 8888), (GATEWAY, 5432), (METADATA, 80)):
            socket.create_connection(at, 3).close()
    finally:
        for one in held:
            one.close()
        subprocess.run(["ip", "address", "del", f"{METADATA}/32", "dev", "lo"], check=True)

    assert academy.inside(mine, f"{REACH}\nprint(reach('{GATEWAY}', 8081), reach('{GATEWAY}', 8082))") == "open open"
    sockets = "import os; print([p for p in ('/var/run/docker.sock', '/run/docker.sock', '%s') if os.path.exists(p)])"
    assert academy.inside(mine, sockets % engine.socket) == "[]"


@pytest.fixture
def world(academy: Academy) -> Iterator[None]:
    """Two addresses beyond the engine's machine: one of the world, one of a private network, with a mirror on it."""
    listen = "import socket, time\nheld = [socket.create_server(('', port)) for port in (80, 3141)]\ntime.sleep(600)"
    with subprocess.Popen(["unshare", "--net", sys.executable, "-c", listen]) as other:
        try:
            commands = (
                f"ip link add beyond type veth peer name here netns {other.pid}",
                f"ip address add {WORLD[:-1]}1/24 dev beyond",
                f"ip address add {MIRROR[:-1]}1/24 dev beyond",
                "ip link set beyond up",
                f"nsenter --target {other.pid} --net ip address add {WORLD}/24 dev here",
                f"nsenter --target {other.pid} --net ip address add {MIRROR}/24 dev here",
                f"nsenter --target {other.pid} --net ip link set here up",
            )
            time.sleep(0.3)
            for command in commands:
                subprocess.run(command.split(), check=True, env=os.environ | {"PATH": PATH})
            yield
        finally:
            other.kill()


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("user", "reached"),
    [("minji", []), ("jiho", [(MIRROR, 3141)]), ("amelia", [(WORLD, 80), (WORLD, 3141), (MIRROR, 3141)])],
)
def test_a_lab_reaches_what_its_cohorts_network_lets_it(academy: Academy, user: str, reached: list) -> None:
    """closed, packages, open: nothing; the mirror alone; the world, but no private address besides the mirror."""
    places = [(WORLD, 80), (WORLD, 3141), (MIRROR, 80), (MIRROR, 3141), (GATEWAY, 5432), (GATEWAY, 8081)]
    with socket.create_server(("", 5432)):
        for place in (*places[:4], (GATEWAY, 5432)):
            socket.create_connection(place, 3).close()  # they are there, from where no wall is
        lab = academy.lab(user)
        found = academy.inside(lab, f"{REACH}\nprint([place for place in {places} if reach(*place) == 'open'])")

    assert found == str([*reached, (GATEWAY, 8081)])
    assert academy.inside(lab, "import os; print(os.environ.get('PIP_INDEX_URL'))") == (
        f"http://{MIRROR}:3141/simple/" if reached else "None"
    )


def test_a_labs_token_is_good_for_itself_alone(academy: Academy) -> None:
    mine = academy.lab("minji")
    academy.lab("junho")
    asked = {
        "/user": 200,
        "/users": 403,
        "/users/junho": 404,
        "/groups": 403,
        "/proxy": 403,
        "/services": 403,
        "/shutdown": 403,
    }
    ways = {path: "POST" if path == "/shutdown" else "GET" for path in asked}
    found = academy.inside(mine, f"{REACH}\nprint({{path: ask(path, way) for path, way in {ways!r}.items()}})")

    assert found.replace("404", "403") == str(asked).replace("404", "403")
    assert academy.inside(mine, f"{REACH}\nprint(ask('/users/junho/server', 'DELETE'))") in ("403", "404")


def test_memory_used_up_is_told_as_that(academy: Academy) -> None:
    container = academy.lab("junho")
    academy.inside(container, "b = bytearray(600 * 1024 * 1024)")
    container.kill("SIGKILL")
    until = time.monotonic() + 40
    while True:
        page = academy.visitors["junho"].http.get(
            "/hub/user/junho/", headers={"Accept-Language": "ko"}, follow_redirects=False
        )
        if "메모리를 모두 써서" in page.text or time.monotonic() > until:
            break
        time.sleep(1)

    assert "메모리를 모두 써서" in page.text, page.text[-1500:]


def test_staff_get_formgrader_on_their_course(academy: Academy) -> None:
    container = academy.lab("seoyeon", "machine-learning")
    seoyeon = academy.visitors["seoyeon"]

    assert seoyeon.ask("formgrader/manage_assignments", "machine-learning").status_code == 200
    assert academy.inside(container, "import os; print(os.access('/srv/course', os.W_OK))") == "True"


def test_a_proxy_that_is_killed_comes_back_and_no_lab_is_thought_gone(academy: Academy) -> None:
    container = academy.lab("minji")
    proxy = next(one for one in processes.of_academy(academy.state) if "docker-proxy" in one.cmdline())
    proxy.kill()
    assert academy.visitors["minji"].ask("api/status").status_code == 200
    time.sleep(11)  # the Hub looks every ten seconds

    assert academy.visitors["minji"].ask("api/status").status_code == 200
    assert academy.lab("minji").id == container.id
    assert academy.lab("hyunwoo").status == "running"


def test_ctrl_c_ends_every_lab_and_unmounts_every_home(academy: Academy, engine: Engine) -> None:
    academy.process.send_signal(signal.SIGINT)

    assert academy.process.wait(90) == 0, (academy.folder / "said").read_text()
    left = academy.client.containers.list(all=True, filters={"label": "bitgoeul.lab"})
    assert [(one.name, one.status) for one in left] == []
    assert str(academy.state) not in Path("/proc/self/mountinfo").read_text()
    assert processes.of_academy(academy.state) == []
