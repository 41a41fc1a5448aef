"""A service that is killed in the middle of a job leaves nothing of the job behind: nobody is left to end it."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SUPERVISOR = """
from bitgoeul.grading.sandbox import Sandbox
from bitgoeul.settings import Grading

program = "import time\\nwhile True: time.sleep(0.1)"
Sandbox(Grading()).run({{"program": program, "arguments": {{}}}}, {{}}, seed={seed}, seconds=120)
"""


def of_job(seed: int) -> list[int]:
    """The processes that carry the job's seed in their environment or command line."""
    marks = (f"PYTHONHASHSEED={seed}\0".encode(), f"PYTHONHASHSEED\0{seed}\0".encode())
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            told = (process / "cmdline").read_bytes() + b"\0" + (process / "environ").read_bytes()
            if any(mark in told for mark in marks):
                found.append(int(process.name))
    return found


def wait_for(condition: Callable[[], object], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_job_ends_with_the_process_that_watched_it() -> None:
    seed = secrets.randbelow(2**31) + 1
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR.format(seed=seed)])
    try:
        assert wait_for(lambda: len(of_job(seed)) >= 2, 30), "the job did not start"
        assert not wait_for(lambda: not of_job(seed), 1), "the job is to run until it is ended"
        supervisor.kill()
        supervisor.wait()

        assert wait_for(lambda: not of_job(seed), 10), of_job(seed)
    finally:
        supervisor.kill()
        supervisor.wait()
        for process in of_job(seed):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
