from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode

from bitgoeul.grading.engine import Engine, Judged
from bitgoeul.settings import Grading
from tests.unit.grading import making

Attack = Callable[..., Judged]
LIMITS = Grading(cell_seconds=4, total_seconds=30, memory_mb=512, disk_mb=32, max_files=600, processes=48)


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(LIMITS)


def still_running(seed: int) -> list[str]:
    """Processes of the job that was started with this seed, which each of them has in its environment."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if f"PYTHONHASHSEED={seed}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


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
        while still_running(seed) and time.monotonic() < deadline:
            time.sleep(0.05)
        honest = engine.judge(making.assignment(), making.as_bytes(making.submission()), {})

        assert still_running(seed) == []
        assert honest.verdict.score == 3.0
        assert canary.read_bytes() == b"the machine's"
        assert all(cell.source in judged.notebook.decode() or cell.source.strip() for cell in submission.cells)
        return judged

    return judge
