"""`bitgoeul up`, for real: an academy opens, a student's lab runs, and everything that was started ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from bitgoeul.hub import processes
from tests.fakes.ports import free_port
from tests.fakes.visitor import Visitor

pytestmark = pytest.mark.system
ADDRESS = re.compile(r"^  (http://127\.0\.0\.1:\d+/)$", re.MULTILINE)


def wait_for(condition: Callable[[], object], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.2)
    return False


@dataclass
class Up:
    process: subprocess.Popen[str]
    state: Path
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def address(self) -> str:
        assert wait_for(lambda: ADDRESS.search(self.said) or self.process.poll() is not None, 120), self.said
        found = ADDRESS.search(self.said)
        assert found, self.said
        return found[1]

    def left(self) -> list[psutil.Process]:
        return processes.of_academy(self.state)


def command_of(process: psutil.Process) -> list[str]:
    """A process's command line; none of one that ends at this moment."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.fixture
def up(root: Path, tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """Start `bitgoeul up` on a state folder of its own; whatever a test leaves is ended."""
    started: list[Up] = []

    def start(*arguments: str, name: str = "state", **environ: str) -> Up:
        state = (tmp_path / name).resolve()
        output = tmp_path / f"said-{len(started)}"
        env = os.environ | {"BITGOEUL_SETTINGS": str(root / "academy.toml"), "BITGOEUL_STATE": str(state), "LC_ALL": "C.UTF-8"} | environ  # fmt: skip
        with output.open("w") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "bitgoeul", "up", *arguments], cwd=root, env=env, text=True, stdout=said, stderr=said
            )  # fmt: skip
        started.append(Up(process, state, output))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        processes.end(one.left())


def test_a_students_lab_runs_and_ctrl_c_ends_every_process(up: Callable[..., Up]) -> None:
    academy = up("--port", str(free_port()))
    address = academy.address
    for person in ("minji", "junho", "amelia", "seoyeon", "hyunwoo", "jiho"):
        assert person in academy.said

    with Visitor(address, "minji") as minji:
        signed_in = minji.sign_in()
        assert signed_in.headers["location"] == "/services/bitgoeul/"
        minji.start_lab()
        status = minji.ask("api/status")
        assert status.status_code == 200
        # nbgrader's side loads at the first request of any of its routes, and that request is answered too.
        panel = minji.ask("assignments?course_id=machine-learning")
        assert panel.status_code == 200
        assert "success" in panel.json()
        assert minji.ask("nbgrader_version?version=0.9.6").json()["success"] is True
        kernel = minji.tell("api/kernels", {"name": "python3"})
        assert kernel.status_code == 201
        assert minji.ask("formgrader/manage_assignments").status_code == 404
        refused = minji.http.get("/hub/spawn/minji/machine-learning", headers={"Accept-Language": "ko"})
        assert refused.status_code == 403
        assert "강사만 시작할 수 있습니다" in refused.text

    tree = psutil.Process(academy.process.pid).children(recursive=True)
    words = " ".join(" ".join(command_of(process)) for process in tree)
    for part in ("jupyterhub -f", "configurable-http-proxy", "bitgoeul serve", "jupyterhub.singleuser", "ipykernel"):
        assert part in words
    academy.process.send_signal(signal.SIGINT)

    assert academy.process.wait(60) == 0, academy.said
    assert not [process for process in tree if process.is_running()]
    assert academy.left() == []


def test_staff_get_formgrader_in_their_courses_folder(up: Callable[..., Up]) -> None:
    academy = up("--port", str(free_port()))
    with Visitor(academy.address, "seoyeon") as seoyeon:
        seoyeon.sign_in()
        seoyeon.start_lab("machine-learning")
        page = seoyeon.ask("formgrader/manage_assignments", "machine-learning")
        folders = seoyeon.ask("api/contents", "machine-learning").json()["content"]
        other = seoyeon.http.get("/hub/spawn/seoyeon/ai-and-data", headers={"Accept-Language": "en"})

    assert page.status_code == 200
    assert {"source", "release", "gradebook.db"} <= {entry["name"] for entry in folders}
    assert other.status_code == 403
    assert "for staff of that course only" in other.text


def test_a_second_start_builds_nothing_again_and_a_second_academy_is_told_where_the_first_is(
    up: Callable[..., Up],
) -> None:
    first = up("--port", str(free_port()))
    assert first.address
    assert "machine-learning/01-regression-from-scratch" in first.said
    beside = up("--port", str(free_port()))
    assert beside.process.wait(60) == 1
    assert first.address in beside.said
    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(60) == 0
    second = up("--port", str(free_port()))

    assert second.address
    assert "01-regression-from-scratch" not in second.said


def test_kill_minus_nine_leaves_no_process_for_long(up: Callable[..., Up]) -> None:
    academy = up("--port", str(free_port()))
    with Visitor(academy.address, "junho") as junho:
        junho.sign_in()
        junho.start_lab()
        assert junho.tell("api/kernels", {"name": "python3"}).status_code == 201
    assert len(academy.left()) >= 5
    academy.process.kill()
    academy.process.wait()

    assert wait_for(lambda: not academy.left(), 60), academy.left()


def test_a_hub_that_cannot_start_shows_why(up: Callable[..., Up], tmp_path: Path) -> None:
    (tmp_path / "state/hub/jupyterhub.sqlite").mkdir(parents=True)
    academy = up("--port", str(free_port()))

    assert academy.process.wait(120) == 1
    assert "unable to open database file" in academy.said
    assert str(academy.state / "hub/hub.log") in academy.said
    assert academy.left() == []


def test_a_service_that_cannot_load_ends_the_academy_and_shows_why(up: Callable[..., Up], tmp_path: Path) -> None:
    (tmp_path / "state/bitgoeul.sqlite").mkdir(parents=True)
    academy = up("--port", str(free_port()))

    assert academy.process.wait(120) == 1
    assert "The Bitgoeul service does not start" in academy.said
    assert "unable to open database file" in academy.said
    assert academy.left() == []


def test_a_port_in_use_is_one_clear_sentence(up: Callable[..., Up]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        academy = up("--port", str(port))

        assert academy.process.wait(60) == 1
    assert f"--port {port + 1}" in academy.said
    assert "Traceback" not in academy.said


def test_settings_with_faults_end_with_2_and_name_the_lines(up: Callable[..., Up], tmp_path: Path) -> None:
    wrong = tmp_path / "academy.toml"
    wrong.write_text('[hub]\nhost = "0.0.0.0"\nprot = 1\n')
    academy = up(BITGOEUL_SETTINGS=str(wrong))

    assert academy.process.wait(60) == 2
    assert f"{wrong}:2: hub.host" in academy.said
    assert f"{wrong}:3: hub.prot" in academy.said


def test_a_provider_without_its_secret_ends_with_2_and_says_where_it_belongs(
    up: Callable[..., Up], tmp_path: Path
) -> None:
    toml = tmp_path / "academy.toml"
    toml.write_text('[login]\nprovider = "github"\nclient_id = "x"\n')
    academy = up(BITGOEUL_SETTINGS=str(toml))

    assert academy.process.wait(60) == 2
    assert f"{academy.state}/keys/login-secret" in academy.said
    assert "Traceback" not in academy.said
