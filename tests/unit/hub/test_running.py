"""Processes of an academy: one at a time, none left over. Real processes, real ports, a real database."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bitgoeul.errors import Conflict
from bitgoeul.hub import processes, running
from bitgoeul.settings import Academy, Hub, Settings


@pytest.fixture
def academy(tmp_path: Path) -> Settings:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(academy=Academy(state=tmp_path / "state"), hub=Hub(port=port))
    running.prepare(settings)
    return settings


def sleeper(mark: Path | None = None, *, prefix: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    env = os.environ | ({processes.MARK: str(mark)} if mark else {})
    return subprocess.Popen([*prefix, sys.executable, "-c", "import time; time.sleep(60)"], env=env)


def wait_for(condition, seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_the_state_folder_is_for_its_owner_alone(academy: Settings) -> None:
    assert academy.state.stat().st_mode & 0o777 == 0o700


def test_a_second_academy_on_the_same_state_is_told_where_the_first_is(academy: Settings) -> None:
    with running.only_one(academy), pytest.raises(Conflict) as found, running.only_one(academy):
        pass

    assert str(os.getpid()) in found.value.text.ko
    assert running.url(academy) in found.value.text.en


def test_the_state_is_free_again_afterwards(academy: Settings) -> None:
    with running.only_one(academy):
        pass
    with running.only_one(academy):
        pass


def test_what_a_killed_academy_left_is_ended_at_the_next_start_and_nothing_else(academy: Settings) -> None:
    left, other = sleeper(academy.state), sleeper(academy.state.parent / "another")
    assert wait_for(lambda: processes.of_academy(academy.state))
    try:
        with running.only_one(academy):
            assert not psutil.pid_exists(left.pid)
            assert other.poll() is None
    finally:
        for process in (left, other):
            process.kill()
            process.wait()


def test_a_process_that_ignores_the_request_is_killed() -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as stubborn:
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
        processes.end([psutil.Process(stubborn.pid)], patience=0.3)

        assert not psutil.pid_exists(stubborn.pid)


def test_a_free_port_passes(academy: Settings) -> None:
    running.check_port(academy)


def test_a_port_in_use_is_told_with_who_uses_it_and_what_to_do(academy: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", academy.hub.port))
        taken.listen()
        with pytest.raises(Conflict) as found:
            running.check_port(academy)

    for text in (found.value.text.ko, found.value.text.en):
        assert str(academy.hub.port) in text
        assert f"({os.getpid()})" in text
        assert f"--port {academy.hub.port + 1}" in text


def test_who_left_a_cohort_is_out_of_its_group_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "jupyterhub.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE user_group_map (user_id, group_id)")
    connection.execute("INSERT INTO user_group_map VALUES (1, 2)")
    connection.commit()
    running.forget_memberships(path)

    assert connection.execute("SELECT count(*) FROM user_group_map").fetchone() == (0,)
    connection.close()


def test_a_first_start_has_no_memberships_to_forget(tmp_path: Path) -> None:
    running.forget_memberships(tmp_path / "none.sqlite")
    sqlite3.connect(tmp_path / "empty.sqlite").close()
    running.forget_memberships(tmp_path / "empty.sqlite")

    assert not (tmp_path / "none.sqlite").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's word to children is Linux's")
def test_a_tethered_process_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    child = [sys.executable, "-m", "bitgoeul.hub.tether", sys.executable, "-c", f"import os, pathlib, time; pathlib.Path({str(told)!r}).write_text(str(os.getpid())); time.sleep(60)"]  # fmt: skip
    parent = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess; subprocess.run({child!r}, start_new_session=True)"]
    )
    assert wait_for(lambda: told.exists() and told.read_text())
    pid = int(told.read_text())
    parent.kill()
    parent.wait()

    assert wait_for(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_a_tethered_process_can_be_interrupted_though_its_starter_ignored_that() -> None:
    code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    told = subprocess.run(
        ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-m", "bitgoeul.hub.tether", sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip

    assert told.stdout == "True\n"


def test_a_hub_that_fails_shows_the_end_of_its_log_without_our_own_polling(academy: Settings) -> None:
    hub = running.HubProcess(academy, academy.state / "hub/hub.log")
    hub.log.write_text("[ConfigProxy] 404 GET /hub/login\nModuleNotFoundError: no such thing\n")

    assert hub.tail() == "ModuleNotFoundError: no such thing\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="adopting orphans is Linux's")
def test_an_orphan_stays_in_the_process_tree_of_who_adopts() -> None:
    code = """if True:
        import subprocess, time
        from bitgoeul.hub import processes, tether
        tether.adopt_orphans()
        subprocess.run(["sh", "-c", "sleep 60 &"], stdout=subprocess.DEVNULL)
        (orphan,) = processes.descendants()
        print(orphan.name(), orphan.ppid())
        processes.end([orphan])
        print(processes.descendants())
    """
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    child, left = told.stdout.splitlines()

    assert child.split()[0] in ("sleep", "sh")  # it is called sh until it has become sleep
    assert left == "[]"
