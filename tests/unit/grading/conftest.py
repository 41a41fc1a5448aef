from __future__ import annotations

import hashlib
import json
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


def machine(folder: Path) -> str:
    """What a job must not change: a folder that anybody may write to, our programs, and where shared memory lies."""
    found = hashlib.sha256()
    for root in (folder, Path(zygotes.__file__).parent):
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                found.update(f"{path} {path.stat().st_mode} {path.stat().st_mtime_ns}".encode() + path.read_bytes())
    late = [path for path in map(Path, ("/tmp/late", "/dev/shm/late", "results.json")) if path.exists()]
    return f"{found.hexdigest()} {late}"


def hold_common_points(engine: Engine, judged: Judged, sent: bytes, before: str, folder: Path) -> None:
    """What has to hold after every attack: the five points that all of them share."""
    deadline = time.monotonic() + 1
    while still_running() and time.monotonic() < deadline:
        time.sleep(0.05)
    left = still_running()
    honest = engine.judge(making.assignment(), making.as_bytes(making.submission()), {})
    kept = {cell["id"]: cell["source"] for cell in json.loads(judged.notebook)["cells"]}

    assert honest.verdict.score == 3.0
    assert machine(folder) == before
    assert left == []
    assert [
        name for name, cell in judged.verdict.cells.items() if cell.score < cell.max_score and not cell.message
    ] == []
    assert judged.verdict.submission_sha256 == hashlib.sha256(sent).hexdigest()
    answers = [
        cell["source"] for cell in json.loads(sent)["cells"] if not cell["metadata"].get("nbgrader", {}).get("locked")
    ]
    assert {"".join(text) for text in answers} <= {"".join(text) for text in kept.values()}


@pytest.fixture
def attack(engine: Engine, tmp_path: Path) -> Attack:
    """Judge a hostile submission, and hold what has to hold after every one of them."""
    tmp_path.chmod(0o777)
    canary = tmp_path / "canary"
    canary.write_bytes(b"the machine's")
    canary.chmod(0o666)
    before = machine(tmp_path)

    def judge(submission: NotebookNode, source: bytes | None = None) -> Judged:
        seed = secrets.randbelow(2**31) + 1
        source = source or making.assignment()
        sent = making.as_bytes(submission)
        judged = engine.judge(source, sent, {}, seed=seed)
        hold_common_points(engine, judged, sent, before, tmp_path)
        return judged

    return judge
