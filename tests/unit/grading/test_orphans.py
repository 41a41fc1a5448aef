"""A service that is killed in the middle of a job leaves nothing of the job behind: nobody is left to end it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bitgoeul.grading import watch
from tests.unit.grading.conftest import jobs_below

SUPERVISOR = """
from bitgoeul.grading.sandbox import Sandbox
from bitgoeul.settings import Grading

program = "import time\\nwhile True: time.sleep(0.1)"
Sandbox(Grading()).run({"program": program, "arguments": {}}, {}, seconds=120)
"""


def alive(processes: set[int]) -> set[int]:
    return {process for process in processes if Path(f"/proc/{process}").exists()}


def wait_for(condition: Callable[[], object], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_job_ends_with_the_process_that_watched_it_even_where_its_zygote_can_do_nothing() -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR])
    everything: set[int] = set()
    try:
        assert wait_for(lambda: jobs_below(watch.descendants(supervisor.pid)), 60), "the job did not start"
        everything = set(watch.descendants(supervisor.pid))
        for process in everything:
            if b"zygote" in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0--\0")[-1]:
                os.kill(process, signal.SIGSTOP)  # else it would end by itself, and its sandbox with it
        supervisor.kill()
        supervisor.wait()

        assert wait_for(lambda: not alive(everything), 10), alive(everything)
    finally:
        supervisor.kill()
        supervisor.wait()
        for process in alive(everything):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
