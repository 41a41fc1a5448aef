"""Hostile submissions. Each runs in the sandbox only; what has to hold after all of them stands in `attack`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bitgoeul.grading import watch, zygotes
from bitgoeul.grading.engine import Engine
from tests.unit.grading import making
from tests.unit.grading.conftest import Attack, jobs_below


@pytest.mark.parametrize(
    "ending", ["os._exit(0)", "import sys; sys.exit(0)", "raise SystemExit", "os.kill(os.getpid(), 9)"]
)
def test_a05_a_function_that_ends_the_process_costs_its_own_question_only(attack: Attack, ending: str) -> None:
    judged = attack(making.submission(add=f"import os\ndef add(a, b):\n    {ending}"))

    cells = judged.verdict.cells
    assert cells["add-check"].score == 0
    assert cells["add-check"].outcome in ("killed", "error")
    assert cells["add-check"].message
    assert cells["last-check"].score == 1


@pytest.mark.parametrize("group", ["0", "-1", "-os.getpgrp()"])
def test_a_signal_to_a_whole_group_reaches_the_job_alone(attack: Attack, group: str) -> None:
    before = zygotes.shared.descendants().keys()
    judged = attack(making.submission(add=f"import os\ndef add(a, b):\n    os.kill({group}, 9)"))

    assert judged.verdict.cells["add-check"].score == 0
    assert judged.verdict.cells["last-check"].score == 1
    assert zygotes.shared.descendants().keys() >= before


def test_a06_a_file_named_like_a_result_earns_nothing(attack: Attack) -> None:
    forged = (
        "import json, atexit, os\n"
        "w = lambda: open('results.json', 'w').write(json.dumps({'score': 100, 'tests': []}))\n"
        "w(); atexit.register(w)\n"
        "for p in ('/proc/1/fd/1', f'/proc/{os.getppid()}/fd/1', '/proc/self/fd/1'):\n"
        '    try: open(p, \'wb\').write(b\'{"cell": 3, "status": "ok", "outputs": []}\\n\')\n'
        "    except OSError as e: print(p, e)\n"
        "def add(a, b): return 0\n"
    )
    judged = attack(making.submission(add=forged, last="last = 0"))

    assert judged.verdict.score == 0


def test_a11_an_endless_loop_is_stopped_and_the_next_question_is_judged(attack: Attack) -> None:
    judged = attack(making.submission(before="while True: pass"))

    assert "time limit" in judged.notebook.decode()
    assert judged.verdict.score == 3


def test_a11_a_test_that_never_ends_is_a_timeout_with_its_reason(attack: Attack) -> None:
    judged = attack(making.submission(add="def add(a, b):\n    while True: pass"))

    cell = judged.verdict.cells["add-check"]
    assert cell.outcome == "timeout"
    assert cell.message.startswith("time limit")
    assert judged.verdict.cells["last-check"].score == 1


def test_a_loop_that_swallows_the_interrupt_is_stopped_too(attack: Attack) -> None:
    stubborn = (
        "def add(a, b):\n    while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass"
    )
    judged = attack(making.submission(add=stubborn))

    assert judged.verdict.cells["add-check"].outcome == "timeout"
    assert judged.verdict.cells["last-check"].score == 1


def test_a12_sleeping_for_ever_is_stopped(attack: Attack) -> None:
    judged = attack(making.submission(add="import time\ndef add(a, b):\n    time.sleep(10**6)"))

    assert judged.verdict.cells["add-check"].outcome == "timeout"
    assert judged.verdict.cells["add-check"].message.startswith("wall-time limit")
    assert judged.verdict.cells["last-check"].score == 1


def test_a12_waiting_for_input_ends_at_once(attack: Attack) -> None:
    judged = attack(making.submission(add="def add(a, b):\n    return int(input())"))

    assert judged.verdict.cells["add-check"].outcome == "error"
    assert judged.verdict.cells["add-check"].message.startswith("StdinNotImplementedError")


def test_a13_a_fork_bomb_meets_the_process_limit(attack: Attack) -> None:
    judged = attack(making.submission(add="import os\ndef add(a, b):\n    while True: os.fork()"))

    cell = judged.verdict.cells["add-check"]
    assert cell.score == 0
    assert "process limit" in cell.message


def test_a14_memory_is_limited_over_all_processes_of_a_job(attack: Attack) -> None:
    bomb = (
        "import os, time\n"
        "for i in range(20):\n"
        "    if os.fork() == 0:\n"
        "        b = bytearray(100 * 2**20)\n"
        "        for j in range(0, len(b), 4096): b[j] = 1\n"
        "        time.sleep(60)\n"
        "        os._exit(0)\n"
        "time.sleep(3)\n"
    )
    before = psutil.Process().memory_info().rss
    judged = attack(making.submission(add=f"def add(a, b):\n    exec({bomb!r})"))

    assert psutil.Process().memory_info().rss - before < 50_000_000

    cell = judged.verdict.cells["add-check"]
    assert cell.outcome == "killed"
    assert cell.message.startswith("memory limit")
    assert judged.verdict.cells["last-check"].score == 1


def test_one_process_that_wants_too_much_memory_gets_an_exception(attack: Attack) -> None:
    judged = attack(making.submission(add="def add(a, b):\n    return bytearray(10**10)"))

    assert judged.verdict.cells["add-check"].message.startswith("MemoryError")
    assert "memory limit" in judged.verdict.cells["add-check"].message


def test_a15_a_flood_of_output_is_cut_with_a_mark(attack: Attack) -> None:
    before = psutil.Process().memory_info().rss
    judged = attack(making.submission(before="while True: print('x' * 10**6)"))

    assert psutil.Process().memory_info().rss - before < 50_000_000

    assert len(judged.notebook) < 2_000_000
    assert "cut here" in judged.notebook.decode()
    assert judged.verdict.score == 3


def test_a16_filling_the_disk_is_stopped_with_its_reason(attack: Attack) -> None:
    filling = "def add(a, b):\n    i = 0\n    while True:\n        open(f'f{i}', 'wb').write(b'\\0' * 10**7); i += 1"
    mounts = Path("/proc/self/mounts").read_text()
    judged = attack(making.submission(add=filling))

    assert Path("/proc/self/mounts").read_text() == mounts
    assert "disk limit" in judged.verdict.cells["add-check"].message


def test_a16_many_small_files_are_stopped_with_their_reason(attack: Attack) -> None:
    filling = "def add(a, b):\n    for i in range(10**6): open(f'f{i}', 'w').close()"
    judged = attack(making.submission(add=filling))

    assert "disk limit" in judged.verdict.cells["add-check"].message


def test_a17_a19_a22_nothing_of_the_machine_is_visible(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_SECRET", "do-not-tell")
    look = (
        "import glob, os\n"
        "found = [os.path.join(d, f) for r in ('/srv', '/home', '/var', '/etc', '/opt', '/mnt', '/root')\n"
        "         for d, _, fs in os.walk(r) for f in fs if '/.pyenv/' not in d and '/.venv/' not in d]\n"
        "print(sorted(os.listdir('/')), found[:50], dict(os.environ))\n"
        "for p in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try: print(p, open(p, 'rb').read())\n"
        "    except OSError as e: print(p, e.errno)\n"
        "for p in ('/var/run/docker.sock', '/dev/kvm', '/dev/vda', '/dev/mem', '/dev/kmsg', '/sys/class'):\n"
        "    try: open(p); print('OPENED', p)\n"
        "    except OSError as e: print(p, e.errno)\n"
    )
    told = making.outputs(attack(making.submission(before=look)).notebook)

    assert "SERVICE" not in told

    assert "do-not-tell" not in told
    assert "OPENED" not in told
    assert "shadow" not in told
    assert "'boot'" not in told
    assert "'sys'" not in told


def test_a18_no_connection_reaches_the_machine(attack: Attack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        calls = (
            "import socket\n"
            f"for a in (('127.0.0.1', {port}), ('127.0.0.1', 22), ('10.0.2.2', 80), ('8.8.8.8', 53)):\n"
            "    s = socket.socket(); s.settimeout(1); print(a, 'CONNECTED' if s.connect_ex(a) == 0 else 'no')\n"
        )
        told = making.outputs(attack(making.submission(before=calls)).notebook)

        with pytest.raises(BlockingIOError):
            server.accept()
        assert "CONNECTED" not in told


def test_a20_signals_reach_the_jobs_own_processes_only(attack: Attack) -> None:
    kill_all = (
        "import os\n"
        "def add(a, b):\n"
        "    for p in range(2, 32768):\n"
        "        try: p != os.getpid() and os.kill(p, 9)\n"
        "        except OSError: pass\n"
        "    return 5\n"
    )
    judged = attack(making.submission(add=kill_all))

    assert os.getpid()
    assert judged.verdict.cells["add-check"].score == 0
    assert judged.verdict.cells["add-check"].message.startswith("student process ended")
    assert judged.verdict.cells["last-check"].score == 1


def test_a21_a_daemon_does_not_outlive_its_job(attack: Attack) -> None:
    daemon = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(30); open('/tmp/late', 'w').write('x')\n"
        "    os._exit(0)\n"
    )
    judged = attack(making.submission(before=daemon))

    assert judged.verdict.score == 3


def test_stopping_the_program_that_runs_the_cells_is_a_timeout(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitgoeul.grading.sandbox.GRACE_SECONDS", 2)
    freeze = "import os, signal\ndef add(a, b):\n    os.kill(os.getpid(), signal.SIGSTOP)\n    while True: pass"
    judged = attack(making.submission(add=freeze))

    assert judged.verdict.cells["add-check"].outcome == "timeout"
    assert judged.verdict.cells["last-check"].score == 1


def test_many_long_errors_do_not_flood_either(attack: Attack) -> None:
    sent = making.submission()
    sent.cells += [making.code("raise ValueError('x' * 10**6)") for _ in range(20)]
    judged = attack(sent)

    assert len(judged.notebook) < 2_000_000
    assert judged.verdict.score == 3


def test_files_that_keep_the_kernel_from_starting_cost_the_submission_nothing_else(engine: Engine) -> None:
    bomb = b"import os; os._exit(1)"
    judged = engine.judge(
        making.assignment(), making.as_bytes(making.submission()), {"ipykernel_launcher.py": bomb, "runpy.py": bomb}
    )

    assert judged.verdict.score in (0.0, 3.0)
    assert judged.verdict.max_score == 6


SERVICE = """
from bitgoeul.grading.engine import Engine
from tests.unit.grading import making
from tests.unit.grading.conftest import LIMITS
sent = making.as_bytes(making.submission(before="import time; time.sleep(60)"))
Engine(LIMITS.model_copy(update={"cell_seconds": 60, "total_seconds": 60})).judge(making.assignment(), sent, {})
"""


def test_a_job_ends_with_the_service_that_started_it() -> None:
    service = subprocess.Popen([sys.executable, "-c", SERVICE])
    deadline = time.monotonic() + 60
    while not (started := jobs_below(watch.descendants(service.pid))) and time.monotonic() < deadline:
        time.sleep(0.05)
    everything = set(watch.descendants(service.pid))
    service.kill()
    service.wait()
    deadline = time.monotonic() + 2
    while any(map(runs, everything)) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert started
    assert [process for process in everything if runs(process)] == []


def runs(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def test_a_result_line_written_by_the_student_is_not_taken(attack: Attack) -> None:
    shout = (
        'import os\nfor fd in range(64):\n    try: os.write(fd, b\'{"end": "finished"}\\n\')\n    except OSError: pass'
    )
    judged = attack(making.submission(add="def add(a, b):\n    return 0", before=shout))

    assert judged.verdict.cells["add-check"].score == 0
