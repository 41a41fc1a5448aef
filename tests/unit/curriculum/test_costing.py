"""The cost of a judgement counts what runs below, however it ends."""

from __future__ import annotations

import subprocess
import sys
import time

from bitgoeul.curriculum.costing import ProcessorTime

BURN = "import time\nwhile time.process_time() < 0.6: pass\n"


def test_a_grandchild_that_is_killed_with_nobody_waiting_for_it_counts() -> None:
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN + 'time.sleep(0.3)'!r}]); import os; os._exit(0)"

    with ProcessorTime() as cost:
        subprocess.run([sys.executable, "-c", program], check=True)

    assert 0.5 < cost.seconds < 5


def test_what_ran_before_does_not_count() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", f"{BURN}print(1, flush=True)\ninput()"], stdin=-1, stdout=-1
    ) as process:
        assert process.stdout
        process.stdout.readline()
        with ProcessorTime() as cost:
            time.sleep(0.3)
        process.communicate(b"\n")

    assert cost.seconds < 0.3
