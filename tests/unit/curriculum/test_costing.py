"""The cost of a judgement counts what runs below, however it ends."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from bitgoeul.curriculum.costing import MOST_SLOWNESS, QUIET_YARDSTICK, ProcessorTime, slowness, yardstick
from bitgoeul.grading.engine import Engine
from bitgoeul.settings import Grading
from tests.unit.grading import making

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


@pytest.mark.parametrize(
    ("times_quiet", "expected"), [([], 1.0), ([0.5], 1.0), ([1.4, 9.0, 1.5], 1.5), ([7.0], MOST_SLOWNESS)]
)
def test_a_busy_machine_is_allowed_for_but_never_without_bound(times_quiet: list[float], expected: float) -> None:
    assert slowness([times * QUIET_YARDSTICK for times in times_quiet]) == pytest.approx(expected)


def test_quiet_seconds_are_at_most_the_seconds_and_at_least_half_of_them() -> None:
    with ProcessorTime() as cost:
        subprocess.run([sys.executable, "-c", BURN.replace("0.6", "1.5")], check=True)

    assert cost.seconds / MOST_SLOWNESS <= cost.quiet_seconds <= cost.seconds
    assert yardstick() > 0


def test_what_a_warm_sandbox_forks_counts_too() -> None:
    busy = "import time\nwhile time.process_time() < 1.0: pass"
    engine, source = Engine(Grading()), making.assignment()
    sent = making.as_bytes(making.submission(before=busy))
    engine.warm(source)
    cost = ProcessorTime()
    with cost:
        engine.judge(source, sent, {})

    assert 0.5 < cost.seconds < 3
