from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from nbformat import NotebookNode

from bitgoeul.grading import zygotes
from bitgoeul.grading.engine import Engine, Judged
from bitgoeul.settings import Grading
from tests.unit.grading import making

Attack = Callable[..., Judged]
LIMITS = Grading(cell_seconds=4, total_seconds=30, memory_mb=512, disk_mb=32, max_files=600, processes=48)


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(LIMITS)


def jobs_below(processes: Iterable[int]) -> list[str]:
    """Of these processes those of jobs: they live in a process namespace below that of their zygote."""
    found = []
    for process in processes:
        try:
            numbers = re.search(r"^NSpid:(.*)$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
            if numbers and len(numbers[1].split()) > 2:
                found.append(Path(f"/proc/{process}/cmdline").read_text())
        except OSError:
            continue
    return found


def still_running() -> list[str]:
    """What is left of jobs."""
    return jobs_below(zygotes.shared.descendants())


@pytest.fixture
def attack(engine: Engine, tmp_path: Path) -> Attack:
    """Judge a hostile submission, and hold what has to hold after every one of them."""
    canary = tmp_path / "canary"
    canary.write_bytes(b"the machine's")

    def judge(submission: NotebookNode, source: bytes | None = None) -> Judged:
        seed = secrets.randbelow(2**31) + 1
        source = source or making.assignment()
        sent = making.as_bytes(submission)
        judged = engine.judge(source, sent, {}, seed=seed)
        deadline = time.monotonic() + 1
        while still_running() and time.monotonic() < deadline:
            time.sleep(0.05)
        honest = engine.judge(making.assignment(), making.as_bytes(making.submission()), {})

        assert still_running() == []
        assert honest.verdict.score == 3.0
        assert canary.read_bytes() == b"the machine's"
        assert all(cell.source in judged.notebook.decode() or cell.source.strip() for cell in submission.cells)
        return judged

    return judge
