from __future__ import annotations

import os
import subprocess
import sys
import time

from bitgoeul.grading import watch

CROWD = """
import os, time
for _ in range(300):
    if os.fork() == 0:
        os._exit(0)
    os.wait()
"""


def test_processes_may_end_while_they_are_looked_at() -> None:
    crowd = subprocess.Popen([sys.executable, "-c", CROWD])
    while crowd.poll() is None:
        watch.look([os.getpid()], 0)

    assert crowd.returncode == 0


def test_memory_and_tasks_of_all_descendants_are_counted() -> None:
    program = (
        "import threading, time; b = bytearray(80 * 2**20); threading.Thread(target=time.sleep, args=(60,)).start()"
    )
    shell = subprocess.Popen(["sh", "-c", f"{sys.executable} -c '{program}' & wait"], start_new_session=True)
    deadline = time.monotonic() + 20
    seen = watch.look([shell.pid], 2**40)
    while (seen.memory < 80 * 2**20 or seen.tasks < 3) and time.monotonic() < deadline:
        time.sleep(0.05)
        seen = watch.look([shell.pid], 2**40)
    exact = watch.look([shell.pid], 0)
    os.killpg(shell.pid, 9)
    shell.wait()

    assert seen.tasks == 3  # the shell among them
    assert seen.memory > 80 * 2**20
    assert 80 * 2**20 < exact.memory <= seen.memory + 2**20


def test_the_descendants_of_a_process_that_is_gone_are_none() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()

    assert watch.descendants(gone.pid) == {}
